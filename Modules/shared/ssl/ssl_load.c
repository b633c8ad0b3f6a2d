/* ssl_load.c - contexts read certificates, keys and parameters.
 *
 * Files are read without the GIL.  A context's callback for passwords is the context's, not the
 * call's: the context's guard is held while it is set, and what was set before is put back, so that
 * a callback may load another key into the same context.
 *
 * Written from the documentation of SSLContext.load_cert_chain() and load_verify_locations(), the
 * manual pages SSL_CTX_use_certificate(3), SSL_CTX_set_default_passwd_cb(3),
 * SSL_CTX_load_verify_locations(3), PEM_read_bio_X509(3) and SSL_CTX_set0_tmp_dh_pkey(3) of OpenSSL
 * 3.0, and observed behaviour.
 */
#include "ssl.h"

#include <openssl/pem.h>

/* ----------------------------------------------------------------------------------- passwords */

/* Where a password comes from, and what happened to it. */
typedef struct {
    PyThreadState *tstate;      // of the call that waits
    PyObject *callable;         // or NULL
    PyObject *password;         // bytes, or NULL: not known yet
    bool failed;                // with an exception
} password_source;

/* The password as bytes of at most `limit`; a new reference, or NULL with an exception. */
static PyObject *
password_bytes(PyObject *password, const char *type_error, int limit)
{
    PyObject *bytes;
    if (PyUnicode_Check(password)) {
        bytes = PyUnicode_AsUTF8String(password);
    }
    else if (PyBytes_Check(password) || PyByteArray_Check(password)) {
        bytes = PyBytes_FromObject(password);
    }
    else {
        PyErr_SetString(PyExc_TypeError, type_error);
        return NULL;
    }
    if (bytes != NULL && PyBytes_GET_SIZE(bytes) > limit) {
        PyErr_Format(PyExc_ValueError, "password cannot be longer than %d bytes", limit);
        Py_CLEAR(bytes);
    }
    return bytes;
}

/* Called by libcrypto without the GIL for the password of a key: its length, or -1. */
static int
give_password(char *buffer, int size, int Py_UNUSED(writing), void *arg)
{
    password_source *source = arg;
    int length = -1;
    if (source->failed) {
        return -1;              /* libcrypto asks again, for each way to read a key */
    }
    PyEval_RestoreThread(source->tstate);
    if (source->callable != NULL) {
        PyObject *password = PyObject_CallNoArgs(source->callable);
        Py_CLEAR(source->password);
        if (password != NULL) {
            source->password = password_bytes(password, "password callback must return a string",
                                              size);
            Py_DECREF(password);
        }
    }
    if (source->password == NULL) {
        source->failed = true;
    }
    else if (PyBytes_GET_SIZE(source->password) > size) {
        source->failed = true;
        PyErr_Format(PyExc_ValueError, "password cannot be longer than %d bytes", size);
    }
    else {
        length = (int)PyBytes_GET_SIZE(source->password);
        memcpy(buffer, PyBytes_AS_STRING(source->password), (size_t)length);
    }
    source->tstate = PyEval_SaveThread();
    return length;
}

/* For what needs no password: never ask at the terminal. */
static int
no_password(char *Py_UNUSED(buffer), int Py_UNUSED(size), int Py_UNUSED(writing),
            void *Py_UNUSED(arg))
{
    return -1;
}

/* --------------------------------------------------------------------------------------- paths */

/* The path (None: NULL) as bytes: 0, or -1 with an exception. */
static int
encode_path(PyObject *path, const char *type_error, PyObject **bytes)
{
    *bytes = NULL;
    if (path == Py_None || PyUnicode_FSConverter(path, bytes)) {
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_SetString(PyExc_TypeError, type_error);
    }
    return -1;
}

static const char *
path_or_null(PyObject *bytes)
{
    return bytes != NULL ? PyBytes_AS_STRING(bytes) : NULL;
}

/* ------------------------------------------------------------------------- certificate and key */

/* Load both with the password's source in place: whether it worked. */
static bool
load_pair(SSL_CTX *ctx, const char *certfile, const char *keyfile, password_source *source)
{
    bool done;
    ERR_clear_error();
    source->tstate = PyEval_SaveThread();
    done = SSL_CTX_use_certificate_chain_file(ctx, certfile) == 1
           && SSL_CTX_use_PrivateKey_file(ctx, keyfile, SSL_FILETYPE_PEM) == 1
           && SSL_CTX_check_private_key(ctx) == 1;
    PyEval_RestoreThread(source->tstate);
    return done;
}

static PyObject *
load_cert_chain(ssl_context *self, const char *certfile, const char *keyfile, PyObject *password)
{
    SSL_CTX *ctx = self->ctx;
    password_source source = {0};
    bool asked = password != Py_None;
    if (PyCallable_Check(password)) {
        source.callable = password;
    }
    else if (asked) {
        source.password = password_bytes(password, "password should be a string or callable",
                                         PEM_BUFSIZE);
        if (source.password == NULL) {
            return NULL;
        }
    }
    ssl_guard_enter(&self->guard);
    pem_password_cb *old = SSL_CTX_get_default_passwd_cb(ctx);
    void *old_arg = SSL_CTX_get_default_passwd_cb_userdata(ctx);
    if (asked) {
        SSL_CTX_set_default_passwd_cb(ctx, give_password);
        SSL_CTX_set_default_passwd_cb_userdata(ctx, &source);
    }
    bool done = load_pair(ctx, certfile, keyfile, &source);
    SSL_CTX_set_default_passwd_cb(ctx, old);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, old_arg);
    ssl_guard_leave(&self->guard);
    Py_XDECREF(source.password);
    if (source.failed) {
        ERR_clear_error();
        assert(PyErr_Occurred());
        return NULL;
    }
    return done ? Py_NewRef(Py_None) : RAISE_QUEUE(self->state);
}

PyObject *
_PySSL_LoadCertChain(ssl_context *self, PyObject *certfile, PyObject *keyfile, PyObject *password)
{
    PyObject *cert = NULL, *key = NULL, *result = NULL;
    if (certfile == Py_None) {
        PyErr_SetString(PyExc_TypeError, "certfile should be a valid filesystem path");
        return NULL;
    }
    if (encode_path(certfile, "certfile should be a valid filesystem path", &cert) == 0
        && encode_path(keyfile, "keyfile should be a valid filesystem path", &key) == 0)
    {
        const char *path = PyBytes_AS_STRING(cert);
        result = load_cert_chain(self, path, key != NULL ? PyBytes_AS_STRING(key) : path,
                                 password);
    }
    Py_XDECREF(cert);
    Py_XDECREF(key);
    return result;
}

/* ----------------------------------------------------------------------------- what is trusted */

/* The next certificate of a buffer; NULL with errors in the queue, or with none at the end. */
static X509 *
next_certificate(BIO *bio, bool pem)
{
    ERR_clear_error();
    if (!pem) {
        return BIO_ctrl_pending(bio) > 0 ? d2i_X509_bio(bio, NULL) : NULL;
    }
    X509 *cert = PEM_read_bio_X509(bio, NULL, no_password, NULL);
    unsigned long code = ERR_peek_last_error();
    if (cert == NULL && ERR_GET_LIB(code) == ERR_LIB_PEM
        && ERR_GET_REASON(code) == PEM_R_NO_START_LINE)
    {
        ERR_clear_error();
    }
    return cert;
}

/* Add the certificates of a buffer to the store; NULL with an exception, or None. */
static PyObject *
add_certificates(ssl_context *self, BIO *bio, bool pem)
{
    X509_STORE *store = SSL_CTX_get_cert_store(self->ctx);
    X509 *cert;
    int n = 0;
    for (; (cert = next_certificate(bio, pem)) != NULL; n++) {
        int added = X509_STORE_add_cert(store, cert);
        X509_free(cert);
        if (!added) {
            return RAISE_QUEUE(self->state);
        }
    }
    if (n == 0) {
        ERR_clear_error();
        return RAISE(self->state, 0,
                     pem ? "no start line: cadata does not contain a certificate"
                         : "not enough data: cadata does not contain a certificate");
    }
    return ERR_peek_error() == 0 ? Py_NewRef(Py_None) : RAISE_QUEUE(self->state);
}

static PyObject *
add_data(ssl_context *self, const void *data, Py_ssize_t size, bool pem)
{
    if (size == 0) {
        PyErr_SetString(PyExc_ValueError, "Empty certificate data");
        return NULL;
    }
    if (size > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "Certificate data is too long.");
        return NULL;
    }
    BIO *bio = BIO_new_mem_buf(data, (int)size);
    if (bio == NULL) {
        return RAISE_QUEUE(self->state);
    }
    PyObject *result = add_certificates(self, bio, pem);
    BIO_free(bio);
    return result;
}

/* Add `cadata`: PEM as str, DER as bytes. */
static PyObject *
load_data(ssl_context *self, PyObject *cadata)
{
    static const char type_error[] = "cadata should be an ASCII string or a bytes-like object";
    if (PyUnicode_Check(cadata)) {
        if (!PyUnicode_IS_ASCII(cadata)) {
            PyErr_SetString(PyExc_TypeError, type_error);
            return NULL;
        }
        return add_data(self, PyUnicode_DATA(cadata), PyUnicode_GET_LENGTH(cadata), true);
    }
    Py_buffer view;
    if (PyObject_GetBuffer(cadata, &view, PyBUF_SIMPLE) < 0) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError, type_error);
        }
        return NULL;
    }
    PyObject *result = add_data(self, view.buf, view.len, false);
    PyBuffer_Release(&view);
    return result;
}

/* Add a file or a directory, or both. */
static PyObject *
load_files(ssl_context *self, const char *file, const char *directory)
{
    int loaded;
    ERR_clear_error();
    Py_BEGIN_ALLOW_THREADS
    loaded = SSL_CTX_load_verify_locations(self->ctx, file, directory);
    Py_END_ALLOW_THREADS
    return loaded == 1 ? Py_NewRef(Py_None) : RAISE_QUEUE(self->state);
}

PyObject *
_PySSL_LoadVerifyLocations(ssl_context *self, PyObject *cafile, PyObject *capath,
                           PyObject *cadata)
{
    PyObject *file = NULL, *directory = NULL, *result = NULL;
    if (cafile == Py_None && capath == Py_None && cadata == Py_None) {
        PyErr_SetString(PyExc_TypeError, "cafile, capath and cadata cannot be all omitted");
        return NULL;
    }
    if (encode_path(cafile, "cafile should be a valid filesystem path", &file) == 0
        && encode_path(capath, "capath should be a valid filesystem path", &directory) == 0)
    {
        result = cadata != Py_None ? load_data(self, cadata) : Py_NewRef(Py_None);
        if (result != NULL && (file != NULL || directory != NULL)) {
            Py_SETREF(result, load_files(self, path_or_null(file), path_or_null(directory)));
        }
    }
    Py_XDECREF(file);
    Py_XDECREF(directory);
    return result;
}

/* ------------------------------------------------------------------------------ Diffie-Hellman */

/* The parameters that a PEM file has, or NULL with errors in the queue. */
static EVP_PKEY *
read_parameters(FILE *file)
{
    unsigned char *der = NULL;
    long size;
    EVP_PKEY *key = NULL;
    BIO *bio = BIO_new_fp(file, BIO_NOCLOSE);
    if (bio != NULL
        && PEM_bytes_read_bio(&der, &size, NULL, PEM_STRING_DHPARAMS, bio, no_password, NULL))
    {
        const unsigned char *p = der;
        key = d2i_KeyParams(EVP_PKEY_DH, NULL, &p, size);
        OPENSSL_free(der);
    }
    BIO_free(bio);
    return key;
}

PyObject *
_PySSL_LoadDHParams(ssl_context *self, PyObject *path)
{
    FILE *file = _Py_fopen_obj(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    EVP_PKEY *key;
    ERR_clear_error();
    Py_BEGIN_ALLOW_THREADS
    key = read_parameters(file);
    fclose(file);
    Py_END_ALLOW_THREADS
    if (key == NULL) {
        return RAISE_QUEUE(self->state);
    }
    if (SSL_CTX_set0_tmp_dh_pkey(self->ctx, key) != 1) {
        EVP_PKEY_free(key);
        return RAISE_QUEUE(self->state);
    }
    Py_RETURN_NONE;
}
