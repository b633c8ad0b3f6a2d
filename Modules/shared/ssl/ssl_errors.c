/* ssl_errors.c - the exceptions of _ssl, and how libssl's errors become exceptions.
 *
 * libssl keeps a queue of errors for each thread.  What an operation ended with is taken from it
 * before any Python code can run (ssl_outcome).  An exception names the library and the reason by
 * the names that OpenSSL's headers have for them: those of libraries stand in a table, those of
 * reasons are their texts in capitals (some differ: second table).
 *
 * Written from the documentation of the module ssl, the manual pages SSL_get_error(3),
 * ERR_get_error(3) and ERR_GET_LIB(3) of OpenSSL 3.0, its headers, and observed behaviour.
 */
#include "ssl.h"

#include <openssl/dherr.h>
#include <openssl/dsaerr.h>
#include <openssl/engineerr.h>
#include <openssl/evperr.h>
#include <openssl/randerr.h>
#include <openssl/rsaerr.h>
#include <openssl/sslerr.h>
#include <openssl/tserr.h>
#include <openssl/uierr.h>

#define LIBRARY(NAME) {ERR_LIB_##NAME, #NAME}

static const struct {
    int number;
    const char *name;
} libraries[] = {
    LIBRARY(SYS), LIBRARY(BN), LIBRARY(RSA), LIBRARY(DH), LIBRARY(EVP), LIBRARY(BUF),
    LIBRARY(OBJ), LIBRARY(PEM), LIBRARY(DSA), LIBRARY(X509), LIBRARY(ASN1), LIBRARY(CONF),
    LIBRARY(CRYPTO), LIBRARY(EC), LIBRARY(SSL), LIBRARY(BIO), LIBRARY(PKCS7), LIBRARY(X509V3),
    LIBRARY(PKCS12), LIBRARY(RAND), LIBRARY(DSO), LIBRARY(ENGINE), LIBRARY(OCSP), LIBRARY(UI),
    LIBRARY(COMP), LIBRARY(ECDSA), LIBRARY(ECDH), LIBRARY(OSSL_STORE), LIBRARY(FIPS),
    LIBRARY(CMS), LIBRARY(TS), LIBRARY(HMAC), LIBRARY(CT), LIBRARY(ASYNC), LIBRARY(KDF),
    LIBRARY(SM2), LIBRARY(ESS), LIBRARY(PROP), LIBRARY(CRMF), LIBRARY(PROV), LIBRARY(CMP),
    LIBRARY(OSSL_ENCODER), LIBRARY(OSSL_DECODER), LIBRARY(HTTP), LIBRARY(USER),
};

#define REASON(LIB, NAME) {ERR_LIB_##LIB, LIB##_R_##NAME, #NAME}

/* Reasons whose name and text differ. */
static const struct {
    int library, reason;
    const char *name;
} odd_reasons[] = {
    REASON(DH, INVALID_PUBKEY), REASON(DSA, SEED_LEN_SMALL),
    REASON(ENGINE, ENGINE_IS_NOT_IN_LIST), REASON(ENGINE, ID_OR_NAME_MISSING),
    REASON(EVP, EXPECTING_A_ECX_KEY), REASON(EVP, EXPECTING_A_EC_KEY),
    REASON(EVP, PARTIALLY_OVERLAPPING), REASON(RAND, FUNC_NOT_IMPLEMENTED),
    REASON(RAND, FWRITE_ERROR), REASON(RSA, SLEN_CHECK_FAILED),
    REASON(RSA, SLEN_RECOVERY_FAILED), REASON(TS, CANNOT_LOAD_CERT),
    REASON(TS, CANNOT_LOAD_KEY), REASON(TS, VAR_LOOKUP_FAILURE), REASON(UI, SYSASSIGN_ERROR),
    REASON(UI, SYSDASSGN_ERROR), REASON(UI, SYSQIOW_ERROR),
};

/* A new str, or None for a library without a name; NULL with an exception. */
static PyObject *
library_name(unsigned long code)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(libraries); i++) {
        if (code != 0 && libraries[i].number == ERR_GET_LIB(code)) {
            return PyUnicode_FromString(libraries[i].name);
        }
    }
    Py_RETURN_NONE;
}

/* A new str, or None: reasons that all libraries have in common have no name. */
static PyObject *
reason_name(unsigned long code)
{
    int library = ERR_GET_LIB(code), reason = ERR_GET_REASON(code);
    if (code == 0 || ERR_SYSTEM_ERROR(code) || ERR_COMMON_ERROR(code)) {
        Py_RETURN_NONE;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(odd_reasons); i++) {
        if (odd_reasons[i].library == library && odd_reasons[i].reason == reason) {
            return PyUnicode_FromString(odd_reasons[i].name);
        }
    }
    const char *text = ERR_reason_error_string(code);
    char name[128];
    size_t size = 0;
    for (; text != NULL && text[size] != '\0' && size < sizeof(name); size++) {
        name[size] = Py_ISALNUM(text[size]) ? (char)Py_TOUPPER(text[size]) : '_';
    }
    if (size == 0) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromStringAndSize(name, (Py_ssize_t)size);
}

/* Why a certificate was refused: a new str, or NULL with an exception. */
static PyObject *
verify_message(ssl_socket *self, long result)
{
    PyObject *name = self->server_hostname != NULL ? self->server_hostname : Py_None;
    switch (result) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
        return PyUnicode_FromFormat("Hostname mismatch, certificate is not valid for '%S'.", name);
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return PyUnicode_FromFormat("IP address mismatch, certificate is not valid for '%S'.",
                                    name);
    default:
        return PyUnicode_FromString(X509_verify_cert_error_string(result));
    }
}

/* "[library: reason] text (_ssl.c:line)" with what is known of it, behind text ": detail" (or
   NULL); a new str, or NULL with an exception. */
static PyObject *
error_message(PyObject *library, PyObject *reason, const char *text, PyObject *detail, int line)
{
    PyObject *all = detail != NULL ? PyUnicode_FromFormat("%s: %U", text, detail)
                                   : PyUnicode_FromString(text);
    if (all == NULL) {
        return NULL;
    }
    PyObject *message;
    if (library != Py_None && reason != Py_None) {
        message = PyUnicode_FromFormat("[%U: %U] %U (_ssl.c:%d)", library, reason, all, line);
    }
    else if (library != Py_None) {
        message = PyUnicode_FromFormat("[%U] %U (_ssl.c:%d)", library, all, line);
    }
    else {
        message = PyUnicode_FromFormat("%U (_ssl.c:%d)", all, line);
    }
    Py_DECREF(all);
    return message;
}

/* Set attributes of the exception of a refused certificate; 0, or -1 with an exception. */
static int
set_verify_attributes(PyObject *error, long result, PyObject *message)
{
    PyObject *code = PyLong_FromLong(result);
    int failed = code == NULL || PyObject_SetAttrString(error, "verify_code", code) < 0
                 || PyObject_SetAttrString(error, "verify_message", message) < 0;
    Py_XDECREF(code);
    return failed ? -1 : 0;
}

/* Raise an exception of a type for an error of the queue (0: none); text (NULL: the error's).
   self is the connection if it may be a refused certificate. */
static void
raise_error(ssl_state *state, PyObject *type, int number, const char *text, unsigned long code,
            ssl_socket *self, int line)
{
    PyObject *library = library_name(code), *reason = reason_name(code);
    PyObject *detail = NULL, *message = NULL, *error = NULL;
    bool refused = type == state->verification_error;
    long result = refused ? SSL_get_verify_result(self->ssl) : 0;
    if (text == NULL) {
        text = ERR_reason_error_string(code);
    }
    if (library != NULL && reason != NULL && (!refused
                                              || (detail = verify_message(self, result)) != NULL))
    {
        message = error_message(library, reason, text != NULL ? text : "unknown error", detail,
                                line);
    }
    if (message != NULL) {
        error = PyObject_CallFunction(type, "iO", number, message);
    }
    if (error != NULL && PyObject_SetAttrString(error, "reason", reason) == 0
        && PyObject_SetAttrString(error, "library", library) == 0
        && (!refused || set_verify_attributes(error, result, detail) == 0))
    {
        PyErr_SetObject(type, error);
    }
    Py_XDECREF(error);
    Py_XDECREF(message);
    Py_XDECREF(detail);
    Py_XDECREF(reason);
    Py_XDECREF(library);
    assert(PyErr_Occurred());
}

/* Whether the queue tells of memory, which is then raised. */
static bool
is_memory_error(unsigned long code)
{
    if (code == 0 || ERR_SYSTEM_ERROR(code) || ERR_GET_REASON(code) != ERR_R_MALLOC_FAILURE) {
        return false;
    }
    PyErr_NoMemory();
    return true;
}

PyObject *
_PySSL_Raise(ssl_state *state, int number, const char *text, int line)
{
    raise_error(state, state->error, number, text, 0, NULL, line);
    return NULL;
}

PyObject *
_PySSL_RaiseQueue(ssl_state *state, int line)
{
    unsigned long first = ERR_peek_error(), code = ERR_peek_last_error();
    ERR_clear_error();
    if (first != 0 && ERR_SYSTEM_ERROR(first)) {
        errno = ERR_GET_REASON(first);
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (!is_memory_error(code)) {
        raise_error(state, state->error, code != 0 ? ERR_GET_REASON(code) : 0, NULL, code, NULL,
                    line);
    }
    return NULL;
}

/* The system's error, or the end of data where none was due. */
static void
raise_syscall(ssl_socket *self, const ssl_outcome *outcome, int line)
{
    ssl_state *state = self->state;
    if (outcome->code != 0) {
        raise_error(state, state->syscall_error, SSL_ERROR_SYSCALL, NULL, outcome->code, NULL,
                    line);
    }
    else if (outcome->result == 0) {
        raise_error(state, state->eof_error, EOF_ERROR,
                    "EOF occurred in violation of protocol", 0, NULL, line);
    }
    else if (self->sock != NULL && outcome->sys_errno != 0) {
        errno = outcome->sys_errno;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    else {
        raise_error(state, state->syscall_error, SSL_ERROR_SYSCALL, "Some I/O error occurred", 0,
                    NULL, line);
    }
}

/* An error of the protocol. */
static void
raise_protocol(ssl_socket *self, const ssl_outcome *outcome, int line)
{
    ssl_state *state = self->state;
    bool of_ssl = outcome->code != 0 && ERR_GET_LIB(outcome->code) == ERR_LIB_SSL;
    int reason = of_ssl ? ERR_GET_REASON(outcome->code) : 0;
    if (outcome->code == 0) {
        raise_error(state, state->error, SSL_ERROR_SSL, "A failure in the SSL library occurred",
                    0, NULL, line);
    }
    else if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        raise_error(state, state->verification_error, SSL_ERROR_SSL, NULL, outcome->code, self,
                    line);
    }
    else if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        raise_error(state, state->eof_error, EOF_ERROR,
                    "EOF occurred in violation of protocol", outcome->code, NULL, line);
    }
    else if (!is_memory_error(outcome->code)) {
        raise_error(state, state->error, SSL_ERROR_SSL, NULL, outcome->code, NULL, line);
    }
}

PyObject *
_PySSL_RaiseOutcome(ssl_socket *self, const ssl_outcome *outcome, int line)
{
    ssl_state *state = self->state;
    PyObject *type = state->error;
    const char *text;
    ERR_clear_error();
    switch (outcome->error) {
    case SSL_ERROR_SYSCALL:
        raise_syscall(self, outcome, line);
        return NULL;
    case SSL_ERROR_SSL:
        raise_protocol(self, outcome, line);
        return NULL;
    case SSL_ERROR_ZERO_RETURN:
        type = state->zero_return_error;
        text = "TLS/SSL connection has been closed (EOF)";
        break;
    case SSL_ERROR_WANT_READ:
        type = state->want_read_error;
        text = "The operation did not complete (read)";
        break;
    case SSL_ERROR_WANT_WRITE:
        type = state->want_write_error;
        text = "The operation did not complete (write)";
        break;
    case SSL_ERROR_WANT_X509_LOOKUP:
        text = "The operation did not complete (X509 lookup)";
        break;
    case SSL_ERROR_WANT_CONNECT:
        text = "The operation did not complete (connect)";
        break;
    default:
        return _PySSL_Raise(state, INVALID_ERROR_CODE, "Invalid error code",
                            line);
    }
    raise_error(state, type, outcome->error, text, 0, NULL, line);
    return NULL;
}

/* ------------------------------------------------------------------------------ the exceptions */

static PyObject *
error_str(PyObject *op)
{
    PyOSErrorObject *self = (PyOSErrorObject *)op;
    if (self->strerror != NULL && PyUnicode_Check(self->strerror)) {
        return Py_NewRef(self->strerror);
    }
    return PyObject_Str(self->args);
}

static PyType_Slot error_slots[] = {
    {Py_tp_doc, (void *)PyDoc_STR("An error occurred in the SSL implementation.")},
    {Py_tp_str, error_str},
    {0, NULL}
};

static PyType_Spec error_spec = {
    .name = "ssl.SSLError",
    .basicsize = sizeof(PyOSErrorObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = error_slots,
};

/* Make an exception for *place and the module; 0, or -1 with an exception. */
static int
add_exception(PyObject *module, PyObject **place, const char *name, const char *doc,
              PyObject *bases)
{
    *place = PyErr_NewExceptionWithDoc(name, doc, bases, NULL);
    return PyModule_AddObjectRef(module, strchr(name, '.') + 1, *place);
}

int
_PySSL_AddErrors(PyObject *module)
{
    ssl_state *state = PyModule_GetState(module);
    state->error = PyType_FromSpecWithBases(&error_spec, PyExc_OSError);
    if (PyModule_AddObjectRef(module, "SSLError", state->error) < 0) {
        return -1;
    }
    PyObject *bases = PyTuple_Pack(2, state->error, PyExc_ValueError);
    if (bases == NULL) {
        return -1;
    }
    int result = add_exception(module, &state->verification_error, "ssl.SSLCertVerificationError",
                               "A certificate could not be verified.", bases);
    Py_DECREF(bases);
    if (result < 0
        || add_exception(module, &state->zero_return_error, "ssl.SSLZeroReturnError",
                         "SSL/TLS session closed cleanly.", state->error) < 0
        || add_exception(module, &state->want_read_error, "ssl.SSLWantReadError",
                         "Non-blocking SSL socket needs to read more data\n"
                         "before the requested operation can be completed.", state->error) < 0
        || add_exception(module, &state->want_write_error, "ssl.SSLWantWriteError",
                         "Non-blocking SSL socket needs to write more data\n"
                         "before the requested operation can be completed.", state->error) < 0
        || add_exception(module, &state->syscall_error, "ssl.SSLSyscallError",
                         "System error when attempting SSL operation.", state->error) < 0)
    {
        return -1;
    }
    return add_exception(module, &state->eof_error, "ssl.SSLEOFError",
                         "SSL/TLS connection terminated abruptly.", state->error);
}
