/* The module _sha2: SHA-224, SHA-256, SHA-384 and SHA-512.
 *
 * Two engines: 32-bit words for SHA-224 and SHA-256, 64-bit words for the others.  A hash object
 * holds the chaining value, the bytes of the incomplete block and the number of bytes hashed; the
 * shorter digests differ only in the initial value and the length of the output.
 *
 * Objects are used under the GIL; only hashing the initial data of an object that nobody else can
 * see yet lets other threads run.
 *
 * Written from FIPS 180-4.
 */
#include "Python.h"
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_strhex.h"
#include "pycore_strings.h"
#include "hashlib.h"

struct engine32 {
    uint32_t h[8];
    uint64_t length;            /* bytes hashed */
    unsigned char block[64];    /* length % 64 bytes wait here */
};

struct engine64 {
    uint64_t h[8];
    uint64_t length;
    unsigned char block[128];
};

typedef struct {
    PyObject_HEAD
    int digest_size;            /* 28 or 32 */
    struct engine32 engine;
} SHA256object;

typedef struct {
    PyObject_HEAD
    int digest_size;            /* 48 or 64 */
    struct engine64 engine;
} SHA512object;

/* The types of a module object. */
typedef struct {
    PyTypeObject *sha224_type, *sha256_type, *sha384_type, *sha512_type;
} sha2_state;

#include "sig/_sha2.sig.h"

static sha2_state *
get_state(PyObject *module)
{
    sha2_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* --- Constants: fractional parts of square and cube roots of primes --------------------------- */

static const uint32_t initial_224[8] = {
    0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939,
    0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4,
};

static const uint32_t initial_256[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint64_t initial_384[8] = {
    0xcbbb9d5dc1059ed8, 0x629a292a367cd507,
    0x9159015a3070dd17, 0x152fecd8f70e5939,
    0x67332667ffc00b31, 0x8eb44a8768581511,
    0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
};

static const uint64_t initial_512[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b,
    0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f,
    0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static const uint32_t round_32[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static const uint64_t round_64[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

/* --- Engines ---------------------------------------------------------------------------------- */

#define DEFINE_ENGINE(WORD, BITS, ENGINE, NAME, ROUNDS, K, \
                      S0A, S0B, S0C, S1A, S1B, S1C, G0A, G0B, G0C, G1A, G1B, G1C) \
static inline WORD \
NAME##_rotate(WORD x, int n) \
{ \
    return x >> n | x << (BITS - n); \
} \
\
static inline WORD \
NAME##_load(const unsigned char *p) \
{ \
    WORD x = 0; \
    for (int i = 0; i < BITS / 8; i++) { \
        x = x << 8 | p[i]; \
    } \
    return x; \
} \
\
static void \
NAME##_compress(struct ENGINE *e, const unsigned char *p) \
{ \
    WORD w[ROUNDS], v[8]; \
    for (int i = 0; i < 16; i++) { \
        w[i] = NAME##_load(p + i * (BITS / 8)); \
    } \
    for (int i = 16; i < ROUNDS; i++) { \
        WORD a = w[i - 15], b = w[i - 2]; \
        a = NAME##_rotate(a, G0A) ^ NAME##_rotate(a, G0B) ^ a >> G0C; \
        b = NAME##_rotate(b, G1A) ^ NAME##_rotate(b, G1B) ^ b >> G1C; \
        w[i] = w[i - 16] + a + w[i - 7] + b; \
    } \
    memcpy(v, e->h, sizeof(v)); \
    for (int i = 0; i < ROUNDS; i++) { \
        WORD s1 = NAME##_rotate(v[4], S1A) ^ NAME##_rotate(v[4], S1B) ^ NAME##_rotate(v[4], S1C); \
        WORD choice = (v[4] & v[5]) ^ (~v[4] & v[6]); \
        WORD t1 = v[7] + s1 + choice + K[i] + w[i]; \
        WORD s0 = NAME##_rotate(v[0], S0A) ^ NAME##_rotate(v[0], S0B) ^ NAME##_rotate(v[0], S0C); \
        WORD majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]); \
        memmove(v + 1, v, 7 * sizeof(WORD)); \
        v[4] += t1; \
        v[0] = t1 + s0 + majority; \
    } \
    for (int i = 0; i < 8; i++) { \
        e->h[i] += v[i]; \
    } \
} \
\
static void \
NAME##_update(struct ENGINE *e, const unsigned char *p, Py_ssize_t n) \
{ \
    size_t waiting = (size_t)(e->length % sizeof(e->block)), left = (size_t)n; \
    e->length += (uint64_t)n; \
    if (waiting > 0) { \
        size_t take = Py_MIN(sizeof(e->block) - waiting, left); \
        memcpy(e->block + waiting, p, take); \
        p += take; \
        left -= take; \
        if (waiting + take < sizeof(e->block)) { \
            return; \
        } \
        NAME##_compress(e, e->block); \
    } \
    for (; left >= sizeof(e->block); left -= sizeof(e->block), p += sizeof(e->block)) { \
        NAME##_compress(e, p); \
    } \
    memcpy(e->block, p, left); \
} \
\
/* The digest of what was hashed so far; works on a copy. */ \
static void \
NAME##_digest(const struct ENGINE *source, unsigned char *out, int size) \
{ \
    struct ENGINE e = *source; \
    size_t waiting = (size_t)(e.length % sizeof(e.block)); \
    e.block[waiting++] = 0x80; \
    if (waiting > sizeof(e.block) - 2 * sizeof(WORD)) { \
        memset(e.block + waiting, 0, sizeof(e.block) - waiting); \
        NAME##_compress(&e, e.block); \
        waiting = 0; \
    } \
    memset(e.block + waiting, 0, sizeof(e.block) - waiting); \
    /* the length in bits, big endian; its top three bits belong to the word above */ \
    for (int i = 0; i < 8; i++) { \
        e.block[sizeof(e.block) - 1 - i] = (unsigned char)((e.length << 3) >> (8 * i)); \
    } \
    if (sizeof(WORD) == 8) { \
        e.block[sizeof(e.block) - 9] = (unsigned char)(e.length >> 61); \
    } \
    NAME##_compress(&e, e.block); \
    for (int i = 0; i < size; i++) { \
        int word = i / (BITS / 8), byte = i % (BITS / 8); \
        out[i] = (unsigned char)(e.h[word] >> (BITS - 8 - 8 * byte)); \
    } \
}

DEFINE_ENGINE(uint32_t, 32, engine32, engine32, 64, round_32,
              2, 13, 22, 6, 11, 25, 7, 18, 3, 17, 19, 10)
DEFINE_ENGINE(uint64_t, 64, engine64, engine64, 80, round_64,
              28, 34, 39, 14, 18, 41, 1, 8, 7, 19, 61, 6)

/* --- Objects ---------------------------------------------------------------------------------- */

static void
sha2_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static int
sha2_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

#define DEFINE_NEW(OBJECT, ENGINE, WORD) \
static PyObject * \
OBJECT##_create(PyTypeObject *type, const WORD *initial, int size, PyObject *string) \
{ \
    Py_buffer view = {0}; \
    if (string != NULL && hash_get_data(string, &view) < 0) { \
        return NULL; \
    } \
    OBJECT *self = PyObject_GC_New(OBJECT, type); \
    if (self != NULL) { \
        memset(&self->engine, 0, sizeof(self->engine)); \
        memcpy(self->engine.h, initial, sizeof(self->engine.h)); \
        self->digest_size = size; \
        if (view.len >= HASH_GIL_FREE_SIZE) { \
            Py_BEGIN_ALLOW_THREADS \
            ENGINE##_update(&self->engine, view.buf, view.len); \
            Py_END_ALLOW_THREADS \
        } \
        else if (view.len > 0) { \
            ENGINE##_update(&self->engine, view.buf, view.len); \
        } \
        PyObject_GC_Track(self); \
    } \
    PyBuffer_Release(&view); \
    return (PyObject *)self; \
}

DEFINE_NEW(SHA256object, engine32, uint32_t)
DEFINE_NEW(SHA512object, engine64, uint64_t)

/* --- SHA256Type and its shorter form ---------------------------------------------------------- */

/*sig SHA256Type.copy(self)

Return a copy of the hash object.
*/
static PyObject *
SHA256Type_copy_impl(SHA256object *self)
{
    SHA256object *copy = PyObject_GC_New(SHA256object, Py_TYPE(self));
    if (copy != NULL) {
        copy->digest_size = self->digest_size;
        copy->engine = self->engine;
        PyObject_GC_Track(copy);
    }
    return (PyObject *)copy;
}

/*sig SHA256Type.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
SHA256Type_digest_impl(SHA256object *self)
{
    unsigned char digest[64];
    engine32_digest(&self->engine, digest, self->digest_size);
    return PyBytes_FromStringAndSize((const char *)digest, self->digest_size);
}

/*sig SHA256Type.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
SHA256Type_hexdigest_impl(SHA256object *self)
{
    unsigned char digest[64];
    engine32_digest(&self->engine, digest, self->digest_size);
    return _Py_strhex((const char *)digest, self->digest_size);
}

/*sig SHA256Type.update(self, obj, /) -> None

Update this hash object's state with the provided bytes.
*/
static int
SHA256Type_update_impl(SHA256object *self, PyObject *obj)
{
    Py_buffer view;
    if (hash_get_data(obj, &view) < 0) {
        return -1;
    }
    engine32_update(&self->engine, view.buf, view.len);
    PyBuffer_Release(&view);
    return 0;
}

static PyMethodDef sha256_methods[] = {
    SHA256TYPE_COPY_METHODDEF
    SHA256TYPE_DIGEST_METHODDEF
    SHA256TYPE_HEXDIGEST_METHODDEF
    SHA256TYPE_UPDATE_METHODDEF
    {NULL}
};

static PyObject *
sha256_get_block_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromSize_t(sizeof(((SHA256object *)self)->engine.block));
}

static PyObject *
sha256_get_digest_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(((SHA256object *)self)->digest_size);
}

static PyObject *
sha256_get_name(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromFormat("sha%d", ((SHA256object *)self)->digest_size * 8);
}

static PyGetSetDef sha256_getset[] = {
    {"block_size", sha256_get_block_size, NULL, NULL, NULL},
    {"name", sha256_get_name, NULL, NULL, NULL},
    {"digest_size", sha256_get_digest_size, NULL, NULL, NULL},
    {NULL}
};

static PyType_Slot sha256_slots[] = {
    {Py_tp_dealloc, sha2_dealloc},
    {Py_tp_methods, sha256_methods},
    {Py_tp_getset, sha256_getset},
    {Py_tp_traverse, sha2_traverse},
    {0, NULL}
};

/* --- SHA512Type and its shorter form ---------------------------------------------------------- */

/*sig SHA512Type.copy(self)

Return a copy of the hash object.
*/
static PyObject *
SHA512Type_copy_impl(SHA512object *self)
{
    SHA512object *copy = PyObject_GC_New(SHA512object, Py_TYPE(self));
    if (copy != NULL) {
        copy->digest_size = self->digest_size;
        copy->engine = self->engine;
        PyObject_GC_Track(copy);
    }
    return (PyObject *)copy;
}

/*sig SHA512Type.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
SHA512Type_digest_impl(SHA512object *self)
{
    unsigned char digest[64];
    engine64_digest(&self->engine, digest, self->digest_size);
    return PyBytes_FromStringAndSize((const char *)digest, self->digest_size);
}

/*sig SHA512Type.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
SHA512Type_hexdigest_impl(SHA512object *self)
{
    unsigned char digest[64];
    engine64_digest(&self->engine, digest, self->digest_size);
    return _Py_strhex((const char *)digest, self->digest_size);
}

/*sig SHA512Type.update(self, obj, /) -> None

Update this hash object's state with the provided bytes.
*/
static int
SHA512Type_update_impl(SHA512object *self, PyObject *obj)
{
    Py_buffer view;
    if (hash_get_data(obj, &view) < 0) {
        return -1;
    }
    engine64_update(&self->engine, view.buf, view.len);
    PyBuffer_Release(&view);
    return 0;
}

static PyMethodDef sha512_methods[] = {
    SHA512TYPE_COPY_METHODDEF
    SHA512TYPE_DIGEST_METHODDEF
    SHA512TYPE_HEXDIGEST_METHODDEF
    SHA512TYPE_UPDATE_METHODDEF
    {NULL}
};

static PyObject *
sha512_get_block_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromSize_t(sizeof(((SHA512object *)self)->engine.block));
}

static PyObject *
sha512_get_digest_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(((SHA512object *)self)->digest_size);
}

static PyObject *
sha512_get_name(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromFormat("sha%d", ((SHA512object *)self)->digest_size * 8);
}

static PyGetSetDef sha512_getset[] = {
    {"block_size", sha512_get_block_size, NULL, NULL, NULL},
    {"name", sha512_get_name, NULL, NULL, NULL},
    {"digest_size", sha512_get_digest_size, NULL, NULL, NULL},
    {NULL}
};

static PyType_Slot sha512_slots[] = {
    {Py_tp_dealloc, sha2_dealloc},
    {Py_tp_methods, sha512_methods},
    {Py_tp_getset, sha512_getset},
    {Py_tp_traverse, sha2_traverse},
    {0, NULL}
};

#define SPEC(NAME, SIZE, SLOTS) { \
    .name = NAME, \
    .basicsize = SIZE, \
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE \
             | Py_TPFLAGS_HAVE_GC, \
    .slots = SLOTS, \
}

static PyType_Spec sha224_spec = SPEC("_sha2.SHA224Type", sizeof(SHA256object), sha256_slots);
static PyType_Spec sha256_spec = SPEC("_sha2.SHA256Type", sizeof(SHA256object), sha256_slots);
static PyType_Spec sha384_spec = SPEC("_sha2.SHA384Type", sizeof(SHA512object), sha512_slots);
static PyType_Spec sha512_spec = SPEC("_sha2.SHA512Type", sizeof(SHA512object), sha512_slots);

/* --- Functions -------------------------------------------------------------------------------- */

/*sig _sha2.sha224(module, string = b'', *, usedforsecurity: bool = True)

Return a new SHA-224 hash object; optionally initialized with a string.
*/
static PyObject *
_sha2_sha224_impl(PyObject *module, PyObject *string, int Py_UNUSED(usedforsecurity))
{
    return SHA256object_create(get_state(module)->sha224_type, initial_224, 28, string);
}

/*sig _sha2.sha256(module, string = b'', *, usedforsecurity: bool = True)

Return a new SHA-256 hash object; optionally initialized with a string.
*/
static PyObject *
_sha2_sha256_impl(PyObject *module, PyObject *string, int Py_UNUSED(usedforsecurity))
{
    return SHA256object_create(get_state(module)->sha256_type, initial_256, 32, string);
}

/*sig _sha2.sha384(module, string = b'', *, usedforsecurity: bool = True)

Return a new SHA-384 hash object; optionally initialized with a string.
*/
static PyObject *
_sha2_sha384_impl(PyObject *module, PyObject *string, int Py_UNUSED(usedforsecurity))
{
    return SHA512object_create(get_state(module)->sha384_type, initial_384, 48, string);
}

/*sig _sha2.sha512(module, string = b'', *, usedforsecurity: bool = True)

Return a new SHA-512 hash object; optionally initialized with a string.
*/
static PyObject *
_sha2_sha512_impl(PyObject *module, PyObject *string, int Py_UNUSED(usedforsecurity))
{
    return SHA512object_create(get_state(module)->sha512_type, initial_512, 64, string);
}

static PyMethodDef sha2_functions[] = {
    _SHA2_SHA224_METHODDEF
    _SHA2_SHA256_METHODDEF
    _SHA2_SHA384_METHODDEF
    _SHA2_SHA512_METHODDEF
    {NULL}
};

/* --- The module ------------------------------------------------------------------------------- */

static int
sha2_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    sha2_state *state = get_state(module);
    Py_VISIT(state->sha224_type);
    Py_VISIT(state->sha256_type);
    Py_VISIT(state->sha384_type);
    Py_VISIT(state->sha512_type);
    return 0;
}

static int
sha2_module_clear(PyObject *module)
{
    sha2_state *state = get_state(module);
    Py_CLEAR(state->sha224_type);
    Py_CLEAR(state->sha256_type);
    Py_CLEAR(state->sha384_type);
    Py_CLEAR(state->sha512_type);
    return 0;
}

static void
sha2_module_free(void *module)
{
    sha2_module_clear((PyObject *)module);
}

static int
add_type(PyObject *module, PyType_Spec *spec, PyTypeObject **type)
{
    *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    return *type != NULL ? PyModule_AddType(module, *type) : -1;
}

static int
sha2_exec(PyObject *module)
{
    sha2_state *state = get_state(module);
    if (add_type(module, &sha224_spec, &state->sha224_type) < 0
        || add_type(module, &sha256_spec, &state->sha256_type) < 0
        || add_type(module, &sha384_spec, &state->sha384_type) < 0
        || add_type(module, &sha512_spec, &state->sha512_type) < 0)
    {
        return -1;
    }
    return 0;
}

static PyModuleDef_Slot sha2_slots[] = {
    {Py_mod_exec, sha2_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef sha2_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sha2",
    .m_size = sizeof(sha2_state),
    .m_methods = sha2_functions,
    .m_slots = sha2_slots,
    .m_traverse = sha2_module_traverse,
    .m_clear = sha2_module_clear,
    .m_free = sha2_module_free,
};

PyMODINIT_FUNC
PyInit__sha2(void)
{
    return PyModuleDef_Init(&sha2_module);
}
