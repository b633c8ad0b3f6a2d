/* The module _hashlib: all hash functions of libcrypto, HMAC and key derivation.
 *
 * Objects are those of evp.h.  An algorithm of the table is fetched when it is first asked for and
 * kept by the module; any other is fetched each time, since their names come from the caller.
 * libcrypto's name of an algorithm and Python's differ for some.
 *
 * Written from the manual pages of OpenSSL 3.0 (EVP_MD_fetch(3), EVP_MAC(3), EVP_MAC-HMAC(7),
 * PKCS5_PBKDF2_HMAC(3), EVP_PBE_scrypt(3)), the documentation of hashlib and hmac, and observed
 * behaviour.
 */
#include "Python.h"
#include "pycore_signature.h"   // wrappers
#include "evp.h"
#include "Modules/compare_digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/objects.h>

#include <stdbool.h>

/* Python's names: those of the functions openssl_NAME come first. */
static const struct {
    const char *name;
    const char *fetched;        // libcrypto's
    int nid;
} algorithms[] = {
    {"md5", "MD5", NID_md5},
    {"sha1", "SHA1", NID_sha1},
    {"sha224", "SHA2-224", NID_sha224},
    {"sha256", "SHA2-256", NID_sha256},
    {"sha384", "SHA2-384", NID_sha384},
    {"sha512", "SHA2-512", NID_sha512},
    {"sha3_224", "SHA3-224", NID_sha3_224},
    {"sha3_256", "SHA3-256", NID_sha3_256},
    {"sha3_384", "SHA3-384", NID_sha3_384},
    {"sha3_512", "SHA3-512", NID_sha3_512},
    {"shake_128", "SHAKE-128", NID_shake128},
    {"shake_256", "SHAKE-256", NID_shake256},
    {"sha512_224", "SHA2-512/224", NID_sha512_224},
    {"sha512_256", "SHA2-512/256", NID_sha512_256},
    {"blake2s", "BLAKE2S-256", NID_blake2s256},
    {"blake2b", "BLAKE2B-512", NID_blake2b512},
};

#define N_ALGORITHMS Py_ARRAY_LENGTH(algorithms)
#define N_CONSTRUCTORS 12

typedef struct {
    PyTypeObject *hash_type, *xof_type, *hmac_type;
    PyObject *unsupported;      // UnsupportedDigestmodError
    PyObject *constructors;     // dict: function openssl_NAME to "NAME"
    EVP_MD *fetched[N_ALGORITHMS][2];   // or NULL; [1]: used for security
} hashlib_state;

typedef struct {
    PyObject_HEAD
    EVP_MAC_CTX *context;       // owned; NULL in an object whose making failed
    PyThread_type_lock lock;    // see hashlib.h
    const char *name;           // of the hash function
} HMACobject;

static inline hashlib_state *
get_state(PyObject *module)
{
    hashlib_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

#include "sig/_hashlib.sig.h"

/* --------------------------------------------------------------------------------- algorithms */

/* Python's name of an algorithm: static. */
static const char *
name_of(const EVP_MD *md)
{
    int nid = EVP_MD_get_type(md);
    for (size_t i = 0; i < N_ALGORITHMS; i++) {
        if (algorithms[i].nid == nid) {
            return algorithms[i].name;
        }
    }
    const char *name = OBJ_nid2ln(nid);
    ERR_clear_error();          /* of a number without a name */
    return name != NULL ? name : "undefined";
}

/* The algorithm of a name, either's: to be freed; NULL with an exception. */
static EVP_MD *
find_algorithm(hashlib_state *state, const char *name, bool for_security)
{
    EVP_MD **place = NULL;
    for (size_t i = 0; i < N_ALGORITHMS && place == NULL; i++) {
        if (strcmp(name, algorithms[i].name) == 0) {
            name = algorithms[i].fetched;
            place = &state->fetched[i][for_security];
        }
    }
    EVP_MD *md = place != NULL ? *place : NULL;
    if (md == NULL) {
        /* What is not for security need not be approved. */
        md = EVP_MD_fetch(NULL, name, for_security ? NULL : "-fips");
        if (md == NULL) {
            evp_raise_as(state->unsupported, "unsupported hash type");
            return NULL;
        }
        if (place != NULL) {
            *place = md;
        }
    }
    if (place != NULL && EVP_MD_up_ref(md) != 1) {
        evp_raise();
        return NULL;
    }
    return md;
}

/* The algorithm that an argument `digestmod` means: a name or one of the functions openssl_NAME.
   To be freed; NULL with an exception. */
static EVP_MD *
algorithm_of(PyObject *module, PyObject *digestmod)
{
    hashlib_state *state = get_state(module);
    PyObject *name = digestmod;
    if (!PyUnicode_Check(digestmod)) {
        name = PyDict_GetItemWithError(state->constructors, digestmod);
        if (name == NULL) {
            if (!PyErr_Occurred()) {
                PyErr_Format(state->unsupported, "Unsupported digestmod %R", digestmod);
            }
            return NULL;
        }
    }
    const char *utf8 = PyUnicode_AsUTF8(name);
    return utf8 != NULL ? find_algorithm(state, utf8, true) : NULL;
}

/* A new hash object that has hashed `data` (NULL: nothing), or NULL with an exception. */
static PyObject *
new_hash(PyObject *module, const char *name, PyObject *data, bool for_security)
{
    hashlib_state *state = get_state(module);
    EVP_MD *md = find_algorithm(state, name, for_security);
    if (md == NULL) {
        return NULL;
    }
    bool extendable = (EVP_MD_get_flags(md) & EVP_MD_FLAG_XOF) != 0;
    PyObject *self = evp_new(extendable ? state->xof_type : state->hash_type, md, data);
    EVP_MD_free(md);
    return self;
}

/* Give key derivation an int: whether it is one. */
static bool
fits_int(Py_ssize_t length, const char *what)
{
    if (length > INT_MAX) {
        PyErr_Format(PyExc_OverflowError, "%s is too long.", what);
    }
    return length <= INT_MAX;
}

/* ------------------------------------------------------------------------------- hash objects */

/*sig HASH.update(self, obj, /) -> None

Update this hash object's state with the provided string.
*/
static int
HASH_update_impl(EVPobject *self, PyObject *obj)
{
    return evp_hash(self, obj);
}

/*sig HASH.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
HASH_digest_impl(EVPobject *self)
{
    return evp_digest(self);
}

/*sig HASH.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
HASH_hexdigest_impl(EVPobject *self)
{
    return evp_hexdigest(self);
}

/*sig HASH.copy(self)

Return a copy of the hash object.
*/
static PyObject *
HASH_copy_impl(EVPobject *self)
{
    return evp_copy(self);
}

static PyMethodDef hash_methods[] = {
    HASH_UPDATE_METHODDEF
    HASH_DIGEST_METHODDEF
    HASH_HEXDIGEST_METHODDEF
    HASH_COPY_METHODDEF
    {NULL}
};

static const char *
hash_name(EVPobject *self)
{
    return name_of(EVP_MD_CTX_get0_md(self->context));
}

static PyObject *
hash_get_name(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString(hash_name((EVPobject *)self));
}

static PyGetSetDef hash_getset[] = {
    {"digest_size", evp_get_digest_size, NULL, NULL, NULL},
    {"block_size", evp_get_block_size, NULL, NULL, NULL},
    {"name", hash_get_name, NULL, NULL, NULL},
    {NULL}
};

static PyObject *
hash_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<%s %s object @ %p>", hash_name((EVPobject *)self),
                                Py_TYPE(self)->tp_name, self);
}

#define HASH_DOC(NAME, ARGUMENT) \
    NAME "(name, string=b'')\n" \
    "--\n\n" \
    "A hash is an object used to calculate a checksum of a string of information.\n\n" \
    "Methods:\n\n" \
    "update() -- updates the current digest with an additional string\n" \
    "digest(" ARGUMENT ") -- return the current digest value\n" \
    "hexdigest(" ARGUMENT ") -- return the current digest as a string of hexadecimal digits\n" \
    "copy() -- return a copy of the current hash object\n\n" \
    "Attributes:\n\n" \
    "name -- the hash algorithm being used by this object\n" \
    "digest_size -- number of bytes in this hashes output"

static PyType_Slot hash_slots[] = {
    {Py_tp_dealloc, evp_dealloc},
    {Py_tp_repr, hash_repr},
    {Py_tp_doc, (void *)HASH_DOC("HASH", "")},
    {Py_tp_methods, hash_methods},
    {Py_tp_getset, hash_getset},
    {0, NULL}
};

static PyType_Spec hash_spec = {
    .name = "_hashlib.HASH",
    .basicsize = sizeof(EVPobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = hash_slots,
};

/* Output of a length that the caller chose: new bytes, or NULL with an exception. */
static PyObject *
extendable_output(EVPobject *self, Py_ssize_t length)
{
    if (length < 0) {
        PyErr_SetString(PyExc_ValueError, "value must be positive");
        return NULL;
    }
    PyObject *out = PyBytes_FromStringAndSize(NULL, length);
    if (out != NULL && length > 0
        && evp_finish(self, (unsigned char *)PyBytes_AS_STRING(out), (size_t)length, 1) < 0)
    {
        Py_CLEAR(out);
    }
    return out;
}

/*sig HASHXOF.digest(self, length: ssize)

Return the digest value as a bytes object.
*/
static PyObject *
HASHXOF_digest_impl(EVPobject *self, Py_ssize_t length)
{
    return extendable_output(self, length);
}

/*sig HASHXOF.hexdigest(self, length: ssize)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
HASHXOF_hexdigest_impl(EVPobject *self, Py_ssize_t length)
{
    PyObject *out = extendable_output(self, length);
    if (out == NULL) {
        return NULL;
    }
    PyObject *hex = _Py_strhex(PyBytes_AS_STRING(out), length);
    Py_DECREF(out);
    return hex;
}

static PyMethodDef xof_methods[] = {
    HASHXOF_DIGEST_METHODDEF
    HASHXOF_HEXDIGEST_METHODDEF
    {NULL}
};

static PyObject *
xof_get_digest_size(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyLong_FromLong(0);
}

static PyGetSetDef xof_getset[] = {
    {"digest_size", xof_get_digest_size, NULL, NULL, NULL},
    {NULL}
};

static PyType_Slot xof_slots[] = {
    {Py_tp_doc, (void *)HASH_DOC("HASHXOF", "length")},
    {Py_tp_methods, xof_methods},
    {Py_tp_getset, xof_getset},
    {0, NULL}
};

static PyType_Spec xof_spec = {
    .name = "_hashlib.HASHXOF",
    .basicsize = sizeof(EVPobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = xof_slots,
};

/*sig _hashlib.new(module, name: object, string: object = c"NULL" py"b''", *,
                   usedforsecurity: bool = True)

Return a new hash object using the named algorithm.

An optional string argument may be provided and will be
automatically hashed.

The MD5 and SHA1 algorithms are always supported.
*/
static PyObject *
_hashlib_new_impl(PyObject *module, PyObject *name, PyObject *string, int usedforsecurity)
{
    Py_ssize_t size = 0;
    const char *utf8 = PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, &size) : NULL;
    if (utf8 == NULL || strlen(utf8) != (size_t)size) {
        PyErr_SetString(PyExc_TypeError, "name must be a string");
        return NULL;
    }
    return new_hash(module, utf8, string, usedforsecurity);
}

/*sig _hashlib.openssl_md5(module, string: object = c"NULL" py"b''", *,
                           usedforsecurity: bool = True)

Returns a md5 hash object; optionally initialized with a string
*/
static PyObject *
_hashlib_openssl_md5_impl(PyObject *module, PyObject *string, int usedforsecurity)
{
    return new_hash(module, "md5", string, usedforsecurity);
}

/*sig _hashlib.openssl_sha1(module, string: object = c"NULL" py"b''", *,
                            usedforsecurity: bool = True)

Returns a sha1 hash object; optionally initialized with a string
*/
static PyObject *
_hashlib_openssl_sha1_impl(PyObject *module, PyObject *string, int usedforsecurity)
{
    return new_hash(module, "sha1", string, usedforsecurity);
}

/*sig _hashlib.openssl_sha224(module, string: object = c"NULL" py"b''", *,
                              usedforsecurity: bool = True)

Returns a sha224 hash object; optionally initialized with a string
*/
static PyObject *
_hashlib_openssl_sha224_impl(PyObject *module, PyObject *string, int usedforsecurity)
{
    return new_hash(module, "sha224", string, usedforsecurity);
}

/*sig _hashlib.openssl_sha256(module, string: object = c"NULL" py"b''", *,
                              usedforsecurity: bool = True)

Returns a sha256 hash object; optionally initialized with a string
*/
static PyObject *
_hashlib_openssl_sha256_impl(PyObject *module, PyObject *string, int usedforsecurity)
{
    return new_hash(module, "sha256", string, usedforsecurity);
}

/*sig _hashlib.openssl_sha384(module, string: object = c"NULL" py"b''", *,
                              usedforsecurity: bool = True)

Returns a sha384 hash object; optionally initialized with a string
*/
static PyObject *
_hashlib_openssl_sha384_impl(PyObject *module, PyObject *string, int usedforsecurity)
{
    return new_hash(module, "sha384", string, usedforsecurity);
}

/*sig _hashlib.openssl_sha512(module, string: object = c"NULL" py"b''", *,
                              usedforsecurity: bool = True)

Returns a sha512 hash object; optionally initialized with a string
*/
static PyObject *
_hashlib_openssl_sha512_impl(PyObject *module, PyObject *string, int usedforsecurity)
{
    return new_hash(module, "sha512", string, usedforsecurity);
}

/*sig _hashlib.openssl_sha3_224(module, string: object = c"NULL" py"b''", *,
                                usedforsecurity: bool = True)

Returns a sha3-224 hash object; optionally initialized with a string
*/
static PyObject *
_hashlib_openssl_sha3_224_impl(PyObject *module, PyObject *string, int usedforsecurity)
{
    return new_hash(module, "sha3_224", string, usedforsecurity);
}

/*sig _hashlib.openssl_sha3_256(module, string: object = c"NULL" py"b''", *,
                                usedforsecurity: bool = True)

Returns a sha3-256 hash object; optionally initialized with a string
*/
static PyObject *
_hashlib_openssl_sha3_256_impl(PyObject *module, PyObject *string, int usedforsecurity)
{
    return new_hash(module, "sha3_256", string, usedforsecurity);
}

/*sig _hashlib.openssl_sha3_384(module, string: object = c"NULL" py"b''", *,
                                usedforsecurity: bool = True)

Returns a sha3-384 hash object; optionally initialized with a string
*/
static PyObject *
_hashlib_openssl_sha3_384_impl(PyObject *module, PyObject *string, int usedforsecurity)
{
    return new_hash(module, "sha3_384", string, usedforsecurity);
}

/*sig _hashlib.openssl_sha3_512(module, string: object = c"NULL" py"b''", *,
                                usedforsecurity: bool = True)

Returns a sha3-512 hash object; optionally initialized with a string
*/
static PyObject *
_hashlib_openssl_sha3_512_impl(PyObject *module, PyObject *string, int usedforsecurity)
{
    return new_hash(module, "sha3_512", string, usedforsecurity);
}

/*sig _hashlib.openssl_shake_128(module, string: object = c"NULL" py"b''", *,
                                 usedforsecurity: bool = True)

Returns a shake-128 variable hash object; optionally initialized with a string
*/
static PyObject *
_hashlib_openssl_shake_128_impl(PyObject *module, PyObject *string, int usedforsecurity)
{
    return new_hash(module, "shake_128", string, usedforsecurity);
}

/*sig _hashlib.openssl_shake_256(module, string: object = c"NULL" py"b''", *,
                                 usedforsecurity: bool = True)

Returns a shake-256 variable hash object; optionally initialized with a string
*/
static PyObject *
_hashlib_openssl_shake_256_impl(PyObject *module, PyObject *string, int usedforsecurity)
{
    return new_hash(module, "shake_256", string, usedforsecurity);
}

/* --------------------------------------------------------------------------------------- HMAC */

/* A context of HMAC that has the key, or NULL with an exception. */
static EVP_MAC_CTX *
make_hmac(const EVP_MD *md, const Py_buffer *key)
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac);          /* the context has it */
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)EVP_MD_get0_name(md), 0),
        OSSL_PARAM_construct_end(),
    };
    if (context == NULL
        || EVP_MAC_init(context, key->len > 0 ? key->buf : (const void *)"", (size_t)key->len,
                        parameters) != 1)
    {
        evp_raise();
        EVP_MAC_CTX_free(context);
        return NULL;
    }
    return context;
}

/* Write the result, of at most EVP_MAX_MD_SIZE bytes.  Return its size, or -1 without an
   exception (the GIL may not be held). */
static int
finish_hmac(EVP_MAC_CTX *context, unsigned char *digest)
{
    size_t size;
    return EVP_MAC_final(context, digest, &size, EVP_MAX_MD_SIZE) == 1 ? (int)size : -1;
}

static int
hmac_add(void *context, const void *data, size_t n)
{
    return EVP_MAC_update(context, data, n) == 1 ? 0 : -1;
}

/* Take data into account; 0, or -1 with an exception. */
static int
hmac_data(HMACobject *self, PyObject *data)
{
    Py_buffer view;
    if (hash_get_data(data, &view) < 0) {
        return -1;
    }
    int result = hash_buffer(&view, self->context, &self->lock, hmac_add);
    PyBuffer_Release(&view);
    if (result < 0) {
        evp_raise();
    }
    return result;
}

/* A copy of the context, or NULL with an exception. */
static EVP_MAC_CTX *
copy_hmac(HMACobject *self)
{
    PyThread_type_lock held = self->lock;
    hash_enter(held);
    EVP_MAC_CTX *copy = EVP_MAC_CTX_dup(self->context);
    hash_leave(held);
    if (copy == NULL) {
        evp_raise();
    }
    return copy;
}

/* A new object of the type that owns the context, which may be NULL with an exception; NULL with an
   exception. */
static PyObject *
wrap_hmac(PyTypeObject *type, EVP_MAC_CTX *context, const char *name)
{
    HMACobject *self = context != NULL ? (HMACobject *)PyType_GenericAlloc(type, 0) : NULL;
    if (self == NULL) {
        EVP_MAC_CTX_free(context);
        return NULL;
    }
    self->context = context;
    self->name = name;
    return (PyObject *)self;
}

/* The result so far: its size, or -1 with an exception. */
static int
hmac_result(HMACobject *self, unsigned char *digest)
{
    EVP_MAC_CTX *copy = copy_hmac(self);
    if (copy == NULL) {
        return -1;
    }
    int size = finish_hmac(copy, digest);
    EVP_MAC_CTX_free(copy);
    if (size < 0) {
        evp_raise();
    }
    return size;
}

/*sig HMAC.copy(self)

Return a copy ("clone") of the HMAC object.
*/
static PyObject *
HMAC_copy_impl(HMACobject *self)
{
    return wrap_hmac(Py_TYPE(self), copy_hmac(self), self->name);
}

/*sig HMAC.update(self, msg) -> None

Update the HMAC object with msg.
*/
static int
HMAC_update_impl(HMACobject *self, PyObject *msg)
{
    return hmac_data(self, msg);
}

/*sig HMAC.digest(self)

Return the digest of the bytes passed to the update() method so far.
*/
static PyObject *
HMAC_digest_impl(HMACobject *self)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    int size = hmac_result(self, digest);
    return size >= 0 ? PyBytes_FromStringAndSize((const char *)digest, size) : NULL;
}

/*sig HMAC.hexdigest(self)

Return hexadecimal digest of the bytes passed to the update() method so far.

This may be used to exchange the value safely in email or other non-binary
environments.
*/
static PyObject *
HMAC_hexdigest_impl(HMACobject *self)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    int size = hmac_result(self, digest);
    return size >= 0 ? _Py_strhex((const char *)digest, size) : NULL;
}

static PyMethodDef hmac_methods[] = {
    HMAC_UPDATE_METHODDEF
    HMAC_DIGEST_METHODDEF
    HMAC_HEXDIGEST_METHODDEF
    HMAC_COPY_METHODDEF
    {NULL}
};

static PyObject *
hmac_get_digest_size(HMACobject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromSize_t(EVP_MAC_CTX_get_mac_size(self->context));
}

static PyObject *
hmac_get_block_size(HMACobject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromSize_t(EVP_MAC_CTX_get_block_size(self->context));
}

static PyObject *
hmac_get_name(HMACobject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromFormat("hmac-%s", self->name);
}

static PyGetSetDef hmac_getset[] = {
    {"digest_size", (getter)hmac_get_digest_size, NULL, NULL, NULL},
    {"block_size", (getter)hmac_get_block_size, NULL, NULL, NULL},
    {"name", (getter)hmac_get_name, NULL, NULL, NULL},
    {NULL}
};

static PyObject *
hmac_repr(HMACobject *self)
{
    return PyUnicode_FromFormat("<%s HMAC object @ %p>", self->name, self);
}

static void
hmac_dealloc(HMACobject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    EVP_MAC_CTX_free(self->context);
    if (self->lock != NULL) {
        PyThread_free_lock(self->lock);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

PyDoc_STRVAR(hmac_doc,
"The object used to calculate HMAC of a message.\n\n"
"Methods:\n\n"
"update() -- updates the current digest with an additional string\n"
"digest() -- return the current digest value\n"
"hexdigest() -- return the current digest as a string of hexadecimal digits\n"
"copy() -- return a copy of the current hash object\n\n"
"Attributes:\n\n"
"name -- the name, including the hash algorithm used by this object\n"
"digest_size -- number of bytes in digest() output\n");

static PyType_Slot hmac_slots[] = {
    {Py_tp_dealloc, hmac_dealloc},
    {Py_tp_repr, hmac_repr},
    {Py_tp_doc, (void *)hmac_doc},
    {Py_tp_methods, hmac_methods},
    {Py_tp_getset, hmac_getset},
    {0, NULL}
};

static PyType_Spec hmac_spec = {
    .name = "_hashlib.HMAC",
    .basicsize = sizeof(HMACobject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = hmac_slots,
};

/*sig _hashlib.hmac_new(module, key: buffer, msg: object = c"NULL" py"b''",
                        digestmod: object = c"NULL" py"None")

Return a new hmac object.
*/
static PyObject *
_hashlib_hmac_new_impl(PyObject *module, Py_buffer *key, PyObject *msg, PyObject *digestmod)
{
    if (digestmod == NULL) {
        PyErr_SetString(PyExc_TypeError, "Missing required parameter 'digestmod'.");
        return NULL;
    }
    EVP_MD *md = algorithm_of(module, digestmod);
    if (md == NULL) {
        return NULL;
    }
    PyObject *self = wrap_hmac(get_state(module)->hmac_type, make_hmac(md, key), name_of(md));
    EVP_MD_free(md);
    if (self != NULL && msg != NULL && msg != Py_None && hmac_data((HMACobject *)self, msg) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

/*sig _hashlib.hmac_digest(module, key: buffer, msg: buffer, digest: object)

Single-shot HMAC.
*/
static PyObject *
_hashlib_hmac_digest_impl(PyObject *module, Py_buffer *key, Py_buffer *msg, PyObject *digest)
{
    EVP_MD *md = algorithm_of(module, digest);
    if (md == NULL) {
        return NULL;
    }
    EVP_MAC_CTX *context = make_hmac(md, key);
    EVP_MD_free(md);
    if (context == NULL) {
        return NULL;
    }
    unsigned char result[EVP_MAX_MD_SIZE];
    int size = -1;
    Py_BEGIN_ALLOW_THREADS
    if (hmac_add(context, msg->buf, (size_t)msg->len) == 0) {
        size = finish_hmac(context, result);
    }
    EVP_MAC_CTX_free(context);
    Py_END_ALLOW_THREADS
    return size >= 0 ? PyBytes_FromStringAndSize((const char *)result, size) : evp_raise();
}

/* ----------------------------------------------------------------------------- key derivation */

/* The wanted length of a key: at least 1, or -1 with an exception. */
static int
key_length(PyObject *dklen, const EVP_MD *md)
{
    long length = dklen == Py_None ? EVP_MD_get_size(md) : PyLong_AsLong(dklen);
    if (length == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (length < 1) {
        PyErr_SetString(PyExc_ValueError, "key length must be greater than 0.");
        return -1;
    }
    if (length > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "key length is too great.");
        return -1;
    }
    return (int)length;
}

/*sig _hashlib.pbkdf2_hmac(module, hash_name: utf8, password: buffer, salt: buffer,
                           iterations: long, dklen: object = None)

Password based key derivation function 2 (PKCS #5 v2.0) with HMAC as pseudorandom function.
*/
static PyObject *
_hashlib_pbkdf2_hmac_impl(PyObject *module, const char *hash_name, Py_buffer *password,
                          Py_buffer *salt, long iterations, PyObject *dklen)
{
    PyObject *key = NULL;
    EVP_MD *md = find_algorithm(get_state(module), hash_name, true);
    if (md == NULL || !fits_int(password->len, "password") || !fits_int(salt->len, "salt")) {
        goto done;
    }
    if (iterations < 1) {
        PyErr_SetString(PyExc_ValueError, "iteration value must be greater than 0.");
        goto done;
    }
    if (iterations > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "iteration value is too great.");
        goto done;
    }
    int length = key_length(dklen, md);
    key = length > 0 ? PyBytes_FromStringAndSize(NULL, length) : NULL;
    if (key == NULL) {
        goto done;
    }
    int derived;
    Py_BEGIN_ALLOW_THREADS
    derived = PKCS5_PBKDF2_HMAC(password->buf, (int)password->len, salt->buf, (int)salt->len,
                                (int)iterations, md, length,
                                (unsigned char *)PyBytes_AS_STRING(key));
    Py_END_ALLOW_THREADS
    if (derived != 1) {
        Py_CLEAR(key);
        evp_raise();
    }
done:
    EVP_MD_free(md);
    return key;
}

/* A cost of scrypt(): 0, or -1 with TypeError. */
static int
cost(PyObject *number, const char *name, unsigned long *value)
{
    if (number != NULL) {
        *value = PyLong_AsUnsignedLong(number);
    }
    if (number == NULL || (*value == (unsigned long)-1 && PyErr_Occurred())) {
        PyErr_Format(PyExc_TypeError, "%s is required and must be an unsigned int", name);
        return -1;
    }
    return 0;
}

/*sig _hashlib.scrypt(module, password: buffer, *, salt: buffer = None,
                      n: type[&PyLong_Type] = c"NULL" py"None",
                      r: type[&PyLong_Type] = c"NULL" py"None",
                      p: type[&PyLong_Type] = c"NULL" py"None",
                      maxmem: long = 0, dklen: long = 64)

scrypt password-based key derivation function.
*/
static PyObject *
_hashlib_scrypt_impl(PyObject *Py_UNUSED(module), Py_buffer *password, Py_buffer *salt,
                     PyObject *n, PyObject *r, PyObject *p, long maxmem, long dklen)
{
    unsigned long costs[3];
    if (!fits_int(password->len, "password")) {
        return NULL;
    }
    if (salt->buf == NULL) {
        PyErr_SetString(PyExc_TypeError, "salt is required");
        return NULL;
    }
    if (!fits_int(salt->len, "salt") || cost(n, "n", &costs[0]) < 0) {
        return NULL;
    }
    if (costs[0] < 2 || (costs[0] & (costs[0] - 1)) != 0) {
        PyErr_SetString(PyExc_ValueError, "n must be a power of 2.");
        return NULL;
    }
    if (cost(r, "r", &costs[1]) < 0 || cost(p, "p", &costs[2]) < 0) {
        return NULL;
    }
    if (maxmem < 0 || maxmem > INT_MAX) {
        PyErr_Format(PyExc_ValueError, "maxmem must be positive and smaller than %d", INT_MAX);
        return NULL;
    }
    if (dklen < 1 || dklen > INT_MAX) {
        PyErr_Format(PyExc_ValueError, "dklen must be greater than 0 and smaller than %d",
                     INT_MAX);
        return NULL;
    }
    /* Without a place for the result it checks the parameters. */
    if (EVP_PBE_scrypt(NULL, 0, NULL, 0, costs[0], costs[1], costs[2], (uint64_t)maxmem,
                       NULL, 0) != 1)
    {
        return evp_raise_as(PyExc_ValueError,
                            "Invalid parameter combination for n, r, p, maxmem.");
    }
    PyObject *key = PyBytes_FromStringAndSize(NULL, dklen);
    if (key == NULL) {
        return NULL;
    }
    int derived;
    Py_BEGIN_ALLOW_THREADS
    derived = EVP_PBE_scrypt(password->buf, (size_t)password->len, salt->buf, (size_t)salt->len,
                             costs[0], costs[1], costs[2], (uint64_t)maxmem,
                             (unsigned char *)PyBytes_AS_STRING(key), (size_t)dklen);
    Py_END_ALLOW_THREADS
    if (derived != 1) {
        Py_CLEAR(key);
        evp_raise();
    }
    return key;
}

/* ---------------------------------------------------------------------------------- the module */

/*sig _hashlib.compare_digest(module, a, b, /)

Return 'a == b'.

This function uses an approach designed to prevent
timing analysis, making it appropriate for cryptography.

a and b must both be of the same type: either str (ASCII only),
or any bytes-like object.

Note: If a and b are of different lengths, or if an error occurs,
a timing attack could theoretically reveal information about the
types and lengths of a and b--but not their values.
*/
static PyObject *
_hashlib_compare_digest_impl(PyObject *Py_UNUSED(module), PyObject *a, PyObject *b)
{
    return compare_digest(a, b);
}

/*sig _hashlib.get_fips_mode(module)

Determine the OpenSSL FIPS mode of operation.

For OpenSSL 3.0.0 and newer it returns the state of the default provider
in the default OSSL context. It's not quite the same as FIPS_mode() but good
enough for unittests.

Effectively any non-zero return value indicates FIPS mode;
values other than 1 may have additional significance.
*/
static PyObject *
_hashlib_get_fips_mode_impl(PyObject *Py_UNUSED(module))
{
    return PyLong_FromLong(EVP_default_properties_is_fips_enabled(NULL));
}

static PyMethodDef hashlib_functions[] = {
    _HASHLIB_NEW_METHODDEF
    _HASHLIB_HMAC_NEW_METHODDEF
    _HASHLIB_HMAC_DIGEST_METHODDEF
    _HASHLIB_PBKDF2_HMAC_METHODDEF
    _HASHLIB_SCRYPT_METHODDEF
    _HASHLIB_GET_FIPS_MODE_METHODDEF
    _HASHLIB_COMPARE_DIGEST_METHODDEF
    _HASHLIB_OPENSSL_MD5_METHODDEF
    _HASHLIB_OPENSSL_SHA1_METHODDEF
    _HASHLIB_OPENSSL_SHA224_METHODDEF
    _HASHLIB_OPENSSL_SHA256_METHODDEF
    _HASHLIB_OPENSSL_SHA384_METHODDEF
    _HASHLIB_OPENSSL_SHA512_METHODDEF
    _HASHLIB_OPENSSL_SHA3_224_METHODDEF
    _HASHLIB_OPENSSL_SHA3_256_METHODDEF
    _HASHLIB_OPENSSL_SHA3_384_METHODDEF
    _HASHLIB_OPENSSL_SHA3_512_METHODDEF
    _HASHLIB_OPENSSL_SHAKE_128_METHODDEF
    _HASHLIB_OPENSSL_SHAKE_256_METHODDEF
    {NULL}
};

/* Called by libcrypto for each algorithm: put its name into the set, which becomes NULL with an
   exception. */
static void
add_name(EVP_MD *md, void *data)
{
    PyObject **names = data;
    if (*names == NULL || EVP_MD_get_type(md) == NID_undef) {
        return;
    }
    PyObject *name = PyUnicode_FromString(name_of(md));
    if (name == NULL || PySet_Add(*names, name) < 0) {
        Py_CLEAR(*names);
    }
    Py_XDECREF(name);
}

static int
add_names(PyObject *module)
{
    PyObject *names = PyFrozenSet_New(NULL);
    EVP_MD_do_all_provided(NULL, add_name, &names);
    ERR_clear_error();
    int result = PyModule_AddObjectRef(module, "openssl_md_meth_names", names);
    Py_XDECREF(names);
    return result;
}

/* The dict of constructors, and a proxy of it as the module's `_constructors`. */
static int
add_constructors(PyObject *module)
{
    PyObject *dict = PyDict_New();
    get_state(module)->constructors = dict;
    for (size_t i = 0; i < N_CONSTRUCTORS && dict != NULL; i++) {
        PyObject *name = PyUnicode_FromString(algorithms[i].name);
        PyObject *full = name != NULL ? PyUnicode_FromFormat("openssl_%U", name) : NULL;
        PyObject *function = full != NULL ? PyObject_GetAttr(module, full) : NULL;
        int failed = function == NULL || PyDict_SetItem(dict, function, name) < 0;
        Py_XDECREF(function);
        Py_XDECREF(full);
        Py_XDECREF(name);
        if (failed) {
            return -1;
        }
    }
    PyObject *proxy = dict != NULL ? PyDictProxy_New(dict) : NULL;
    int result = PyModule_AddObjectRef(module, "_constructors", proxy);
    Py_XDECREF(proxy);
    return result;
}

/* A type of the module: the reference belongs to *place. */
static int
add_type(PyObject *module, PyType_Spec *spec, PyTypeObject *base, PyTypeObject **place)
{
    *place = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, (PyObject *)base);
    return *place != NULL ? PyModule_AddType(module, *place) : -1;
}

static int
hashlib_exec(PyObject *module)
{
    hashlib_state *state = get_state(module);
    if (add_names(module) < 0
        || add_type(module, &hash_spec, NULL, &state->hash_type) < 0
        || add_type(module, &xof_spec, state->hash_type, &state->xof_type) < 0
        || add_type(module, &hmac_spec, NULL, &state->hmac_type) < 0)
    {
        return -1;
    }
    state->unsupported = PyErr_NewException("_hashlib.UnsupportedDigestmodError",
                                            PyExc_ValueError, NULL);
    if (PyModule_AddObjectRef(module, "UnsupportedDigestmodError", state->unsupported) < 0) {
        return -1;
    }
    return add_constructors(module);
}

static int
hashlib_traverse(PyObject *module, visitproc visit, void *arg)
{
    hashlib_state *state = get_state(module);
    Py_VISIT(state->hash_type);
    Py_VISIT(state->xof_type);
    Py_VISIT(state->hmac_type);
    Py_VISIT(state->unsupported);
    Py_VISIT(state->constructors);
    return 0;
}

static int
hashlib_clear(PyObject *module)
{
    hashlib_state *state = get_state(module);
    Py_CLEAR(state->hash_type);
    Py_CLEAR(state->xof_type);
    Py_CLEAR(state->hmac_type);
    Py_CLEAR(state->unsupported);
    Py_CLEAR(state->constructors);
    return 0;
}

static void
hashlib_free(void *module)
{
    hashlib_state *state = get_state((PyObject *)module);
    hashlib_clear((PyObject *)module);
    for (size_t i = 0; i < N_ALGORITHMS; i++) {
        EVP_MD_free(state->fetched[i][0]);
        EVP_MD_free(state->fetched[i][1]);
    }
}

static PyModuleDef_Slot hashlib_slots[] = {
    {Py_mod_exec, hashlib_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef hashlib_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_hashlib",
    .m_doc = PyDoc_STR("OpenSSL interface for hashlib module"),
    .m_size = sizeof(hashlib_state),
    .m_methods = hashlib_functions,
    .m_slots = hashlib_slots,
    .m_traverse = hashlib_traverse,
    .m_clear = hashlib_clear,
    .m_free = hashlib_free,
};

PyMODINIT_FUNC
PyInit__hashlib(void)
{
    return PyModuleDef_Init(&hashlib_module);
}
