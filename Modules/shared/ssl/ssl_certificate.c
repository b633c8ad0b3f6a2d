/* ssl_certificate.c - certificates: the dict of getpeercert(), and the type Certificate.
 *
 * Written from the documentation of SSLSocket.getpeercert(), RFC 5280, the manual pages
 * X509_get_ext_d2i(3), X509_NAME_get_index_by_NID(3), ASN1_STRING_to_UTF8(3) and PEM_write_bio(3)
 * of OpenSSL 3.0, and observed behaviour.
 */
#include "ssl.h"

#include "pycore_signature.h"   // wrappers

#include <openssl/pem.h>
#include <openssl/x509v3.h>

typedef struct {
    PyObject_HEAD
    ssl_state *state;
    X509 *cert;                 // owned
    Py_hash_t hash;             // -1: not computed
} ssl_certificate;

#include "sig/ssl_certificate.sig.h"

/* -------------------------------------------------------------------------------- small things */

static PyObject *
text_of(const unsigned char *data, int size)
{
    return PyUnicode_FromStringAndSize((const char *)data, size);
}

static PyObject *
text_of_ia5(const ASN1_IA5STRING *string)
{
    return text_of(ASN1_STRING_get0_data(string), ASN1_STRING_length(string));
}

/* What was written to a memory BIO: a new str, or NULL with an exception. */
static PyObject *
text_of_bio(BIO *bio)
{
    char *data;
    long size = BIO_get_mem_data(bio, &data);
    return PyUnicode_DecodeUTF8(data, size, "strict");
}

/* A new memory BIO, or NULL with MemoryError. */
static BIO *
new_memory(void)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL) {
        ERR_clear_error();
        PyErr_NoMemory();
    }
    return bio;
}

/* Append a value, which is consumed and may be NULL; 0, or -1 with an exception. */
static int
append(PyObject *list, PyObject *value)
{
    int result = value != NULL ? PyList_Append(list, value) : -1;
    Py_XDECREF(value);
    return result;
}

/* Set an item to a value, which is consumed and may be NULL with an exception. */
static int
set_item(PyObject *dict, const char *key, PyObject *value)
{
    int result = value != NULL ? PyDict_SetItemString(dict, key, value) : -1;
    Py_XDECREF(value);
    return result;
}

/* The list, consumed, as tuple; NULL for NULL. */
static PyObject *
as_tuple(PyObject *list)
{
    PyObject *tuple = list != NULL ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    return tuple;
}

/* --------------------------------------------------------------------------------------- names */

/* The name of an object identifier, else its numbers: a new str, or NULL with an exception. */
static PyObject *
object_text(ssl_state *state, const ASN1_OBJECT *object)
{
    char buffer[256];
    int size = OBJ_obj2txt(buffer, sizeof(buffer), object, 0);
    if (size < 0) {
        return RAISE_QUEUE(state);
    }
    if (size < (int)sizeof(buffer)) {
        return PyUnicode_FromStringAndSize(buffer, size);
    }
    char *all = PyMem_Malloc((size_t)size + 1);
    if (all == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *text = NULL;
    if (OBJ_obj2txt(all, size + 1, object, 0) == size) {
        text = PyUnicode_FromStringAndSize(all, size);
    }
    else {
        RAISE_QUEUE(state);
    }
    PyMem_Free(all);
    return text;
}

/* (attribute, value) of a part of a name: a new tuple, or NULL with an exception. */
static PyObject *
name_attribute(ssl_state *state, const X509_NAME_ENTRY *entry)
{
    PyObject *name = object_text(state, X509_NAME_ENTRY_get_object(entry));
    if (name == NULL) {
        return NULL;
    }
    unsigned char *utf8;
    int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry));
    if (size < 0) {
        Py_DECREF(name);
        return RAISE_QUEUE(state);
    }
    PyObject *value = text_of(utf8, size);
    OPENSSL_free(utf8);
    PyObject *pair = value != NULL ? PyTuple_Pack(2, name, value) : NULL;
    Py_XDECREF(value);
    Py_DECREF(name);
    return pair;
}

/* The attributes of a name from index *i on that belong together: a new tuple. */
static PyObject *
relative_name(ssl_state *state, const X509_NAME *name, int *i)
{
    PyObject *list = PyList_New(0);
    int n = X509_NAME_entry_count(name);
    int set = X509_NAME_ENTRY_set(X509_NAME_get_entry(name, *i));
    for (; list != NULL && *i < n; (*i)++) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, *i);
        if (X509_NAME_ENTRY_set(entry) != set) {
            break;
        }
        if (append(list, name_attribute(state, entry)) < 0) {
            Py_CLEAR(list);
        }
    }
    return as_tuple(list);
}

/* A distinguished name: a new tuple of tuples of pairs, or NULL with an exception. */
static PyObject *
name_tuple(ssl_state *state, const X509_NAME *name)
{
    PyObject *list = PyList_New(0);
    for (int i = 0, n = X509_NAME_entry_count(name); list != NULL && i < n; ) {
        if (append(list, relative_name(state, name, &i)) < 0) {
            Py_CLEAR(list);
        }
    }
    return as_tuple(list);
}

/* ---------------------------------------------------------------------------------- extensions */

static PyObject *
address_text(const ASN1_OCTET_STRING *address)
{
    const unsigned char *b = ASN1_STRING_get0_data(address);
    switch (ASN1_STRING_length(address)) {
    case 4:
        return PyUnicode_FromFormat("%d.%d.%d.%d", b[0], b[1], b[2], b[3]);
    case 16:
        return PyUnicode_FromFormat("%X:%X:%X:%X:%X:%X:%X:%X", b[0] << 8 | b[1], b[2] << 8 | b[3],
                                    b[4] << 8 | b[5], b[6] << 8 | b[7], b[8] << 8 | b[9],
                                    b[10] << 8 | b[11], b[12] << 8 | b[13], b[14] << 8 | b[15]);
    default:
        return PyUnicode_FromString("<invalid>");
    }
}

static PyObject *
unsupported(void)
{
    return PyUnicode_FromString("<unsupported>");
}

/* (kind, value): a new tuple of a value, which is consumed and may be NULL with an exception. */
static PyObject *
kind_and(const char *kind, PyObject *value)
{
    PyObject *pair = value != NULL ? Py_BuildValue("sO", kind, value) : NULL;
    Py_XDECREF(value);
    return pair;
}

/* (kind, name): a new tuple, or NULL with an exception. */
static PyObject *
general_name(ssl_state *state, const GENERAL_NAME *name)
{
    switch (name->type) {
    case GEN_EMAIL:
        return kind_and("email", text_of_ia5(name->d.rfc822Name));
    case GEN_DNS:
        return kind_and("DNS", text_of_ia5(name->d.dNSName));
    case GEN_URI:
        return kind_and("URI", text_of_ia5(name->d.uniformResourceIdentifier));
    case GEN_DIRNAME:
        return kind_and("DirName", name_tuple(state, name->d.directoryName));
    case GEN_IPADD:
        return kind_and("IP Address", address_text(name->d.iPAddress));
    case GEN_RID:
        return kind_and("Registered ID", object_text(state, name->d.registeredID));
    case GEN_X400:
        return kind_and("X400Name", unsupported());
    case GEN_EDIPARTY:
        return kind_and("EdiPartyName", unsupported());
    default:
        return kind_and("othername", unsupported());
    }
}

/* Add the alternative names of the subject, if there are any; 0, or -1 with an exception. */
static int
add_alternative_names(ssl_state *state, PyObject *dict, X509 *cert)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    if (names == NULL) {
        return 0;
    }
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < sk_GENERAL_NAME_num(names); i++) {
        if (append(list, general_name(state, sk_GENERAL_NAME_value(names, i))) < 0) {
            Py_CLEAR(list);
        }
    }
    GENERAL_NAMES_free(names);
    return set_item(dict, "subjectAltName", as_tuple(list));
}

/* Append the URI of a name, if it is one. */
static int
append_uri(PyObject *list, const GENERAL_NAME *name)
{
    return name->type == GEN_URI ? append(list, text_of_ia5(name->d.uniformResourceIdentifier))
                                 : 0;
}

/* Add the list, consumed, as tuple if it is not empty. */
static int
set_unless_empty(PyObject *dict, const char *key, PyObject *list)
{
    if (list != NULL && PyList_GET_SIZE(list) == 0) {
        Py_DECREF(list);
        return 0;
    }
    return set_item(dict, key, as_tuple(list));
}

/* Add where an authority offers something; 0, or -1 with an exception. */
static int
add_access(PyObject *dict, const char *key, X509 *cert, int method)
{
    AUTHORITY_INFO_ACCESS *all = X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);
    if (all == NULL) {
        return 0;
    }
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < sk_ACCESS_DESCRIPTION_num(all); i++) {
        const ACCESS_DESCRIPTION *access = sk_ACCESS_DESCRIPTION_value(all, i);
        if (OBJ_obj2nid(access->method) == method && append_uri(list, access->location) < 0) {
            Py_CLEAR(list);
        }
    }
    AUTHORITY_INFO_ACCESS_free(all);
    return set_unless_empty(dict, key, list);
}

/* Add where lists of revoked certificates are; 0, or -1 with an exception. */
static int
add_distribution_points(PyObject *dict, X509 *cert)
{
    CRL_DIST_POINTS *points = X509_get_ext_d2i(cert, NID_crl_distribution_points, NULL, NULL);
    if (points == NULL) {
        return 0;
    }
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT_NAME *name = sk_DIST_POINT_value(points, i)->distpoint;
        if (name == NULL || name->type != 0) {
            continue;           /* not by a full name */
        }
        GENERAL_NAMES *names = name->name.fullname;
        for (int j = 0; list != NULL && j < sk_GENERAL_NAME_num(names); j++) {
            if (append_uri(list, sk_GENERAL_NAME_value(names, j)) < 0) {
                Py_CLEAR(list);
            }
        }
    }
    CRL_DIST_POINTS_free(points);
    return set_unless_empty(dict, "crlDistributionPoints", list);
}

/* ------------------------------------------------------------------------------------ the dict */

static int
add_time(ssl_state *state, PyObject *dict, const char *key, BIO *bio, const ASN1_TIME *time)
{
    (void)BIO_reset(bio);
    if (ASN1_TIME_print(bio, time) != 1) {
        RAISE_QUEUE(state);
        return -1;
    }
    return set_item(dict, key, text_of_bio(bio));
}

/* Add what libcrypto writes as text. */
static int
add_texts(ssl_state *state, PyObject *dict, X509 *cert)
{
    BIO *bio = new_memory();
    if (bio == NULL) {
        return -1;
    }
    int result = -1;
    if (i2a_ASN1_INTEGER(bio, X509_get0_serialNumber(cert)) < 0) {
        RAISE_QUEUE(state);
    }
    else if (set_item(dict, "serialNumber", text_of_bio(bio)) == 0
             && add_time(state, dict, "notBefore", bio, X509_get0_notBefore(cert)) == 0)
    {
        result = add_time(state, dict, "notAfter", bio, X509_get0_notAfter(cert));
    }
    BIO_free(bio);
    return result;
}

PyObject *
_PySSL_CertificateDict(ssl_state *state, X509 *cert)
{
    PyObject *dict = PyDict_New();
    if (dict == NULL) {
        return NULL;
    }
    if (set_item(dict, "subject", name_tuple(state, X509_get_subject_name(cert))) < 0
        || set_item(dict, "issuer", name_tuple(state, X509_get_issuer_name(cert))) < 0
        || set_item(dict, "version", PyLong_FromLong(X509_get_version(cert) + 1)) < 0
        || add_texts(state, dict, cert) < 0
        || add_alternative_names(state, dict, cert) < 0
        || add_access(dict, "OCSP", cert, NID_ad_OCSP) < 0
        || add_access(dict, "caIssuers", cert, NID_ad_ca_issuers) < 0
        || add_distribution_points(dict, cert) < 0)
    {
        Py_CLEAR(dict);
    }
    ERR_clear_error();          /* of extensions that could not be read */
    return dict;
}

PyObject *
_PySSL_CertificateDER(ssl_state *state, X509 *cert)
{
    unsigned char *der = NULL;
    int size = i2d_X509(cert, &der);
    if (size < 0) {
        return RAISE_QUEUE(state);
    }
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)der, size);
    OPENSSL_free(der);
    return bytes;
}

/* --------------------------------------------------------------------------------- Certificate */

static PyObject *
new_certificate(ssl_state *state, X509 *cert)
{
    ssl_certificate *self = PyObject_New(ssl_certificate, state->certificate_type);
    if (self != NULL) {
        X509_up_ref(cert);
        self->state = state;
        self->cert = cert;
        self->hash = -1;
    }
    return (PyObject *)self;
}

PyObject *
_PySSL_CertificateList(ssl_state *state, X509 *first, STACK_OF(X509) *certs)
{
    if (first == NULL && certs == NULL) {
        Py_RETURN_NONE;
    }
    PyObject *list = PyList_New(0);
    if (list != NULL && first != NULL && append(list, new_certificate(state, first)) < 0) {
        Py_CLEAR(list);
    }
    for (int i = 0; list != NULL && i < sk_X509_num(certs); i++) {
        if (append(list, new_certificate(state, sk_X509_value(certs, i))) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

static void
certificate_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    X509_free(((ssl_certificate *)op)->cert);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyObject *
certificate_repr(PyObject *op)
{
    BIO *bio = new_memory();
    if (bio == NULL) {
        return NULL;
    }
    PyObject *repr = NULL;
    X509_NAME *subject = X509_get_subject_name(((ssl_certificate *)op)->cert);
    if (X509_NAME_print_ex(bio, subject, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) {
        RAISE_QUEUE(((ssl_certificate *)op)->state);
    }
    else {
        PyObject *name = text_of_bio(bio);
        repr = name != NULL ? PyUnicode_FromFormat("<%s '%U'>", Py_TYPE(op)->tp_name, name) : NULL;
        Py_XDECREF(name);
    }
    BIO_free(bio);
    return repr;
}

static Py_hash_t
certificate_hash(PyObject *op)
{
    ssl_certificate *self = (ssl_certificate *)op;
    if (self->hash == -1) {
        unsigned long hash = X509_subject_name_hash(self->cert);
        self->hash = hash != (unsigned long)-1 ? (Py_hash_t)hash : -2;
    }
    return self->hash;
}

static PyObject *
certificate_richcompare(PyObject *op, PyObject *other, int comparison)
{
    if (!Py_IS_TYPE(other, Py_TYPE(op)) || (comparison != Py_EQ && comparison != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int order = X509_cmp(((ssl_certificate *)op)->cert, ((ssl_certificate *)other)->cert);
    return PyBool_FromLong((order == 0) == (comparison == Py_EQ));
}

/*sig Certificate.public_bytes(self, format: int = c"ENCODING_PEM" py"Encoding.PEM")
*/
static PyObject *
Certificate_public_bytes_impl(ssl_certificate *self, int format)
{
    BIO *bio;
    PyObject *result = NULL;
    switch (format) {
    case ENCODING_DER:
        return _PySSL_CertificateDER(self->state, self->cert);
    case ENCODING_PEM:
        bio = new_memory();
        if (bio == NULL) {
            return NULL;
        }
        result = PEM_write_bio_X509(bio, self->cert) == 1 ? text_of_bio(bio)
                                                          : RAISE_QUEUE(self->state);
        BIO_free(bio);
        return result;
    default:
        PyErr_SetString(PyExc_ValueError, "Unsupported format");
        return NULL;
    }
}

/*sig Certificate.get_info(self)
*/
static PyObject *
Certificate_get_info_impl(ssl_certificate *self)
{
    return _PySSL_CertificateDict(self->state, self->cert);
}

static PyMethodDef certificate_methods[] = {
    CERTIFICATE_PUBLIC_BYTES_METHODDEF
    CERTIFICATE_GET_INFO_METHODDEF
    {NULL}
};

static PyType_Slot certificate_slots[] = {
    {Py_tp_dealloc, certificate_dealloc},
    {Py_tp_repr, certificate_repr},
    {Py_tp_hash, certificate_hash},
    {Py_tp_richcompare, certificate_richcompare},
    {Py_tp_methods, certificate_methods},
    {0, NULL}
};

PyType_Spec _PySSL_CertificateSpec = {
    .name = "_ssl.Certificate",
    .basicsize = sizeof(ssl_certificate),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = certificate_slots,
};
