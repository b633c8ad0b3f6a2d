/* The module _ssl: TLS connections, contexts and certificates, by libssl.
 *
 * The folder ssl/ has the types; here are the module's functions, its state and its birth.  All
 * state is the module's of one interpreter, but for libssl's own, which the library locks.
 *
 * Written from the documentation of the module ssl, the manual pages RAND_bytes(3), RAND_add(3),
 * OBJ_nid2obj(3) and X509_get_default_cert_file(3) of OpenSSL 3.0, and observed behaviour.
 */
#include "Python.h"
#include "pycore_signature.h"   // wrappers
#include "Modules/socketmodule.h"
#include "ssl/ssl.h"

#include <openssl/pem.h>
#include <openssl/rand.h>

#include "sig/_ssl.sig.h"

static inline ssl_state *
get_state(PyObject *module)
{
    ssl_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* ------------------------------------------------------------------------------ random numbers */

/*sig _ssl.RAND_add(module, string: buffer_str, entropy: double, /)

Mix string into the OpenSSL PRNG state.

entropy (a float) is a lower bound on the entropy contained in
string.  See RFC 4086.
*/
static PyObject *
_ssl_RAND_add_impl(PyObject *Py_UNUSED(module), Py_buffer *string, double entropy)
{
    const char *data = string->buf;
    for (Py_ssize_t left = string->len; left > 0; ) {
        int size = (int)Py_MIN(left, INT_MAX);
        RAND_add(data, size, entropy);
        data += size;
        left -= size;
    }
    Py_RETURN_NONE;
}

/*sig _ssl.RAND_bytes(module, n: int, /)

Generate n cryptographically strong pseudo-random bytes.
*/
static PyObject *
_ssl_RAND_bytes_impl(PyObject *module, int n)
{
    if (n < 0) {
        PyErr_SetString(PyExc_ValueError, "num must be positive");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, n);
    if (bytes == NULL) {
        return NULL;
    }
    ERR_clear_error();
    if (RAND_bytes((unsigned char *)PyBytes_AS_STRING(bytes), n) != 1) {
        Py_CLEAR(bytes);
        RAISE_QUEUE(get_state(module));
    }
    return bytes;
}

/*sig _ssl.RAND_status(module)

Returns True if the OpenSSL PRNG has been seeded with enough data and False if not.

It is necessary to seed the PRNG with RAND_add() on some platforms before
using the ssl() function.
*/
static PyObject *
_ssl_RAND_status_impl(PyObject *Py_UNUSED(module))
{
    return PyBool_FromLong(RAND_status());
}

/* -------------------------------------------------------------------------- object identifiers */

/* (nid, short name, long name, numbers) of an object: a new tuple, or NULL with an exception. */
static PyObject *
object_tuple(const ASN1_OBJECT *object)
{
    int nid = OBJ_obj2nid(object);
    if (nid == NID_undef) {
        PyErr_SetString(PyExc_ValueError, "Unknown object");
        return NULL;
    }
    char numbers[128];
    int size = OBJ_obj2txt(numbers, sizeof(numbers), object, 1);
    return Py_BuildValue("issz", nid, OBJ_nid2sn(nid), OBJ_nid2ln(nid), size > 0 ? numbers : NULL);
}

/*sig _ssl.txt2obj(module, txt: utf8, name: bool = False)

Lookup NID, short name, long name and OID of an ASN1_OBJECT.

By default objects are looked up by OID. With name=True short and
long name are also matched.
*/
static PyObject *
_ssl_txt2obj_impl(PyObject *Py_UNUSED(module), const char *txt, int name)
{
    ASN1_OBJECT *object = OBJ_txt2obj(txt, !name);
    ERR_clear_error();
    if (object == NULL) {
        return PyErr_Format(PyExc_ValueError, "unknown object '%.100s'", txt);
    }
    PyObject *tuple = object_tuple(object);
    ASN1_OBJECT_free(object);
    return tuple;
}

/*sig _ssl.nid2obj(module, nid: int, /)

Lookup NID, short name, long name and OID of an ASN1_OBJECT by NID.
*/
static PyObject *
_ssl_nid2obj_impl(PyObject *Py_UNUSED(module), int nid)
{
    if (nid < NID_undef) {
        PyErr_SetString(PyExc_ValueError, "NID must be positive.");
        return NULL;
    }
    ASN1_OBJECT *object = OBJ_nid2obj(nid);
    ERR_clear_error();
    if (object == NULL) {
        return PyErr_Format(PyExc_ValueError, "unknown NID %i", nid);
    }
    PyObject *tuple = object_tuple(object);
    ASN1_OBJECT_free(object);   /* nothing, if it is static */
    return tuple;
}

/* -------------------------------------------------------------------------------- certificates */

/*sig _ssl.get_default_verify_paths(module)

Return search paths and environment vars that are used by SSLContext's
set_default_verify_paths() to load default CAs.

The values are 'cert_file_env', 'cert_file', 'cert_dir_env', 'cert_dir'.
*/
static PyObject *
_ssl_get_default_verify_paths_impl(PyObject *Py_UNUSED(module))
{
    const char *const texts[] = {
        X509_get_default_cert_file_env(), X509_get_default_cert_file(),
        X509_get_default_cert_dir_env(), X509_get_default_cert_dir(),
    };
    PyObject *tuple = PyTuple_New(Py_ARRAY_LENGTH(texts));
    for (size_t i = 0; tuple != NULL && i < Py_ARRAY_LENGTH(texts); i++) {
        PyObject *text = PyUnicode_DecodeFSDefault(texts[i]);
        if (text == NULL) {
            Py_CLEAR(tuple);
            break;
        }
        PyTuple_SET_ITEM(tuple, i, text);
    }
    return tuple;
}

/*sig _ssl._test_decode_cert(module, path: path, /)
*/
static PyObject *
_ssl__test_decode_cert_impl(PyObject *module, PyObject *path)
{
    ssl_state *state = get_state(module);
    X509 *cert = NULL;
    BIO *file = BIO_new_file(PyBytes_AS_STRING(path), "r");
    if (file != NULL) {
        cert = PEM_read_bio_X509(file, NULL, NULL, NULL);
        BIO_free(file);
    }
    ERR_clear_error();
    if (cert == NULL) {
        PyErr_SetString(state->error, file != NULL ? "Error decoding PEM-encoded file"
                                                   : "Can't open file");
        return NULL;
    }
    PyObject *dict = _PySSL_CertificateDict(state, cert);
    X509_free(cert);
    return dict;
}

static PyMethodDef ssl_functions[] = {
    _SSL__TEST_DECODE_CERT_METHODDEF
    _SSL_RAND_ADD_METHODDEF
    _SSL_RAND_BYTES_METHODDEF
    _SSL_RAND_STATUS_METHODDEF
    _SSL_GET_DEFAULT_VERIFY_PATHS_METHODDEF
    _SSL_TXT2OBJ_METHODDEF
    _SSL_NID2OBJ_METHODDEF
    {NULL}
};

/* ---------------------------------------------------------------------------------- the module */

/* A type of the module: the reference belongs to *place. */
static int
add_type(PyObject *module, PyType_Spec *spec, PyTypeObject **place)
{
    *place = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    return *place != NULL ? PyModule_AddType(module, *place) : -1;
}

/* Take the type of Python's sockets; 0, or -1 with an exception. */
static int
import_sockets(ssl_state *state)
{
    PySocketModule_APIObject *api = PyCapsule_Import(PySocket_CAPSULE_NAME, 0);
    if (api == NULL) {
        return -1;
    }
    state->sock_type = (PyTypeObject *)Py_NewRef(api->Sock_Type);
    return 0;
}

static int
ssl_exec(PyObject *module)
{
    ssl_state *state = get_state(module);
    if (add_type(module, &_PySSL_ContextSpec, &state->context_type) < 0
        || add_type(module, &_PySSL_SocketSpec, &state->socket_type) < 0
        || add_type(module, &_PySSL_BioSpec, &state->bio_type) < 0
        || add_type(module, &_PySSL_SessionSpec, &state->session_type) < 0
        || add_type(module, &_PySSL_CertificateSpec, &state->certificate_type) < 0
        || import_sockets(state) < 0
        || _PySSL_AddErrors(module) < 0
        || _PySSL_AddMethods(state) < 0)
    {
        return -1;
    }
    return _PySSL_AddConstants(module);
}

static int
ssl_traverse(PyObject *module, visitproc visit, void *arg)
{
    ssl_state *state = get_state(module);
    Py_VISIT(state->context_type);
    Py_VISIT(state->socket_type);
    Py_VISIT(state->bio_type);
    Py_VISIT(state->session_type);
    Py_VISIT(state->certificate_type);
    Py_VISIT(state->sock_type);
    Py_VISIT(state->error);
    Py_VISIT(state->verification_error);
    Py_VISIT(state->zero_return_error);
    Py_VISIT(state->want_read_error);
    Py_VISIT(state->want_write_error);
    Py_VISIT(state->syscall_error);
    Py_VISIT(state->eof_error);
    return 0;
}

static int
ssl_clear(PyObject *module)
{
    ssl_state *state = get_state(module);
    Py_CLEAR(state->context_type);
    Py_CLEAR(state->socket_type);
    Py_CLEAR(state->bio_type);
    Py_CLEAR(state->session_type);
    Py_CLEAR(state->certificate_type);
    Py_CLEAR(state->sock_type);
    Py_CLEAR(state->error);
    Py_CLEAR(state->verification_error);
    Py_CLEAR(state->zero_return_error);
    Py_CLEAR(state->want_read_error);
    Py_CLEAR(state->want_write_error);
    Py_CLEAR(state->syscall_error);
    Py_CLEAR(state->eof_error);
    return 0;
}

/* No connection is left: each holds its type, and that the module. */
static void
ssl_free(void *module)
{
    ssl_state *state = get_state((PyObject *)module);
    ssl_clear((PyObject *)module);
    BIO_meth_free(state->socket_method);
    BIO_meth_free(state->memory_method);
}

static PyModuleDef_Slot ssl_slots[] = {
    {Py_mod_exec, ssl_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

struct PyModuleDef _PySSL_Module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_ssl",
    .m_doc = PyDoc_STR("Implementation module for SSL socket operations.  See the socket module\n"
                       "for documentation."),
    .m_size = sizeof(ssl_state),
    .m_methods = ssl_functions,
    .m_slots = ssl_slots,
    .m_traverse = ssl_traverse,
    .m_clear = ssl_clear,
    .m_free = ssl_free,
};

PyMODINIT_FUNC
PyInit__ssl(void)
{
    return PyModuleDef_Init(&_PySSL_Module);
}
