/* ssl_constants.c - the constants of _ssl.
 *
 * Written from the documentation of the module ssl, the headers of OpenSSL 3.0 and observed names.
 */
#include "ssl.h"

#include <openssl/x509v3.h>

static const struct {
    const char *name;
    long long value;
} numbers[] = {
    {"CERT_NONE", CERT_NONE},
    {"CERT_OPTIONAL", CERT_OPTIONAL},
    {"CERT_REQUIRED", CERT_REQUIRED},
    {"ENCODING_PEM", ENCODING_PEM},
    {"ENCODING_DER", ENCODING_DER},

    {"SSL_ERROR_ZERO_RETURN", SSL_ERROR_ZERO_RETURN},
    {"SSL_ERROR_WANT_READ", SSL_ERROR_WANT_READ},
    {"SSL_ERROR_WANT_WRITE", SSL_ERROR_WANT_WRITE},
    {"SSL_ERROR_WANT_X509_LOOKUP", SSL_ERROR_WANT_X509_LOOKUP},
    {"SSL_ERROR_SYSCALL", SSL_ERROR_SYSCALL},
    {"SSL_ERROR_SSL", SSL_ERROR_SSL},
    {"SSL_ERROR_WANT_CONNECT", SSL_ERROR_WANT_CONNECT},
    {"SSL_ERROR_EOF", EOF_ERROR},
    {"SSL_ERROR_INVALID_ERROR_CODE", INVALID_ERROR_CODE},

#define ALERT(NAME) {"ALERT_DESCRIPTION_" #NAME, SSL_AD_##NAME}
    ALERT(CLOSE_NOTIFY), ALERT(UNEXPECTED_MESSAGE), ALERT(BAD_RECORD_MAC),
    ALERT(RECORD_OVERFLOW), ALERT(DECOMPRESSION_FAILURE), ALERT(HANDSHAKE_FAILURE),
    ALERT(BAD_CERTIFICATE), ALERT(UNSUPPORTED_CERTIFICATE), ALERT(CERTIFICATE_REVOKED),
    ALERT(CERTIFICATE_EXPIRED), ALERT(CERTIFICATE_UNKNOWN), ALERT(ILLEGAL_PARAMETER),
    ALERT(UNKNOWN_CA), ALERT(ACCESS_DENIED), ALERT(DECODE_ERROR), ALERT(DECRYPT_ERROR),
    ALERT(PROTOCOL_VERSION), ALERT(INSUFFICIENT_SECURITY), ALERT(INTERNAL_ERROR),
    ALERT(USER_CANCELLED), ALERT(NO_RENEGOTIATION), ALERT(UNSUPPORTED_EXTENSION),
    ALERT(CERTIFICATE_UNOBTAINABLE), ALERT(UNRECOGNIZED_NAME),
    ALERT(BAD_CERTIFICATE_STATUS_RESPONSE), ALERT(BAD_CERTIFICATE_HASH_VALUE),
    ALERT(UNKNOWN_PSK_IDENTITY),

    {"PROTOCOL_SSLv23", PROTOCOL_TLS},
    {"PROTOCOL_TLS", PROTOCOL_TLS},
    {"PROTOCOL_TLS_CLIENT", PROTOCOL_TLS_CLIENT},
    {"PROTOCOL_TLS_SERVER", PROTOCOL_TLS_SERVER},
    {"PROTOCOL_TLSv1", PROTOCOL_TLSv1},
    {"PROTOCOL_TLSv1_1", PROTOCOL_TLSv1_1},
    {"PROTOCOL_TLSv1_2", PROTOCOL_TLSv1_2},
    {"PROTO_MINIMUM_SUPPORTED", PROTO_MINIMUM_SUPPORTED},
    {"PROTO_MAXIMUM_SUPPORTED", PROTO_MAXIMUM_SUPPORTED},
    {"PROTO_SSLv3", SSL3_VERSION},
    {"PROTO_TLSv1", TLS1_VERSION},
    {"PROTO_TLSv1_1", TLS1_1_VERSION},
    {"PROTO_TLSv1_2", TLS1_2_VERSION},
    {"PROTO_TLSv1_3", TLS1_3_VERSION},

#define OPTION(NAME) {"OP_" #NAME, (long long)SSL_OP_##NAME}
    {"OP_ALL", (long long)(SSL_OP_ALL & ~SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS)},
    OPTION(NO_SSLv2), OPTION(NO_SSLv3), OPTION(NO_TLSv1), OPTION(NO_TLSv1_1),
    OPTION(NO_TLSv1_2), OPTION(NO_TLSv1_3), OPTION(CIPHER_SERVER_PREFERENCE),
    OPTION(SINGLE_DH_USE), OPTION(SINGLE_ECDH_USE), OPTION(NO_TICKET), OPTION(NO_COMPRESSION),
    OPTION(NO_RENEGOTIATION), OPTION(ENABLE_MIDDLEBOX_COMPAT), OPTION(ENABLE_KTLS),
    OPTION(IGNORE_UNEXPECTED_EOF), OPTION(LEGACY_SERVER_CONNECT),

#define HOST_FLAG(NAME) {"HOSTFLAG_" #NAME, X509_CHECK_FLAG_##NAME}
    HOST_FLAG(ALWAYS_CHECK_SUBJECT), HOST_FLAG(NEVER_CHECK_SUBJECT), HOST_FLAG(NO_WILDCARDS),
    HOST_FLAG(NO_PARTIAL_WILDCARDS), HOST_FLAG(MULTI_LABEL_WILDCARDS),
    HOST_FLAG(SINGLE_LABEL_SUBDOMAINS),

    {"VERIFY_DEFAULT", 0},
    {"VERIFY_CRL_CHECK_LEAF", X509_V_FLAG_CRL_CHECK},
    {"VERIFY_CRL_CHECK_CHAIN", X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL},
    {"VERIFY_X509_STRICT", X509_V_FLAG_X509_STRICT},
    {"VERIFY_ALLOW_PROXY_CERTS", X509_V_FLAG_ALLOW_PROXY_CERTS},
    {"VERIFY_X509_TRUSTED_FIRST", X509_V_FLAG_TRUSTED_FIRST},
    {"VERIFY_X509_PARTIAL_CHAIN", X509_V_FLAG_PARTIAL_CHAIN},
};

/* What the library can do, as far as Python's module says. */
#ifdef OPENSSL_NO_TLS1
#  define HAS_TLSv1 false
#else
#  define HAS_TLSv1 true
#endif
#ifdef OPENSSL_NO_TLS1_1
#  define HAS_TLSv1_1 false
#else
#  define HAS_TLSv1_1 true
#endif

static const struct {
    const char *name;
    bool value;
} abilities[] = {
    {"HAS_SNI", true}, {"HAS_TLS_UNIQUE", true}, {"HAS_ECDH", true}, {"HAS_NPN", false},
    {"HAS_ALPN", true}, {"HAS_SSLv2", false}, {"HAS_SSLv3", false}, {"HAS_TLSv1", HAS_TLSv1},
    {"HAS_TLSv1_1", HAS_TLSv1_1}, {"HAS_TLSv1_2", true}, {"HAS_TLSv1_3", true},
};

/* Add a value, which is consumed and may be NULL with an exception. */
static int
add(PyObject *module, const char *name, PyObject *value)
{
    int result = PyModule_AddObjectRef(module, name, value);
    Py_XDECREF(value);
    return result;
}

/* The parts of a number of OpenSSL's version: a new tuple, or NULL with MemoryError. */
static PyObject *
version_info(unsigned long number)
{
    return Py_BuildValue("(kkkkk)", number >> 28 & 0xff, number >> 20 & 0xff, number >> 12 & 0xff,
                         number >> 4 & 0xff, number & 0xf);
}

int
_PySSL_AddConstants(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(numbers); i++) {
        if (add(module, numbers[i].name, PyLong_FromLongLong(numbers[i].value)) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(abilities); i++) {
        if (add(module, abilities[i].name, PyBool_FromLong(abilities[i].value)) < 0) {
            return -1;
        }
    }
    unsigned long number = OpenSSL_version_num();
    if (add(module, "OPENSSL_VERSION_NUMBER", PyLong_FromUnsignedLong(number)) < 0
        || add(module, "OPENSSL_VERSION_INFO", version_info(number)) < 0
        || add(module, "_OPENSSL_API_VERSION", version_info(OPENSSL_VERSION_NUMBER)) < 0)
    {
        return -1;
    }
    if (PyModule_AddStringConstant(module, "_DEFAULT_CIPHERS", SSL_CIPHERS) < 0) {
        return -1;
    }
    return PyModule_AddStringConstant(module, "OPENSSL_VERSION", OpenSSL_version(OPENSSL_VERSION));
}
