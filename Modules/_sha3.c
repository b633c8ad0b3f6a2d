/* The module _sha3: SHA3-224, SHA3-256, SHA3-384, SHA3-512, SHAKE128 and SHAKE256.
 *
 * One sponge for all: 25 words of 64 bits, of which the first `rate` bytes take up data and give
 * output.  The types differ in the rate, in the bits put behind the data and in the length of the
 * output, which is free for the SHAKEs; a table row per type says so.
 *
 * Invariant: `position` < rate; so many bytes of the current block were taken up already.
 *
 * Written from FIPS 202.
 */
#include "Python.h"
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_strhex.h"
#include "hashlib.h"

#define LANES 25
#define LENGTH_LIMIT ((unsigned long)1 << 29)       /* bytes of output of a SHAKE */

struct variant {
    const char *name;           /* behind "_sha3." the name of the type */
    const char *doc;
    int digest_size;            /* 0: chosen by the caller */
    int rate;                   /* bytes of a block */
    unsigned char suffix;       /* the bits behind the data, the first padding bit included */
};

#define SHA3_DOC(NAME, SIZE) NAME "([data], *, usedforsecurity=True) -> SHA3 object\n\n" \
    "Return a new SHA3 hash object with a hashbit length of " SIZE " bytes."
#define SHAKE_DOC(NAME) NAME "([data], *, usedforsecurity=True) -> SHAKE object\n\n" \
    "Return a new SHAKE hash object."

static const struct variant variants[] = {
    {"_sha3.sha3_224", SHA3_DOC("sha3_224", "28"), 28, 144, 0x06},
    {"_sha3.sha3_256", SHA3_DOC("sha3_256", "32"), 32, 136, 0x06},
    {"_sha3.sha3_384", SHA3_DOC("sha3_384", "48"), 48, 104, 0x06},
    {"_sha3.sha3_512", SHA3_DOC("sha3_512", "64"), 64, 72, 0x06},
    {"_sha3.shake_128", SHAKE_DOC("shake_128"), 0, 168, 0x1f},
    {"_sha3.shake_256", SHAKE_DOC("shake_256"), 0, 136, 0x1f},
};

#define VARIANTS Py_ARRAY_LENGTH(variants)

struct sponge {
    uint64_t lanes[LANES];      /* lane (x, y) at x + 5 y; bytes are little-endian in it */
    int position, rate;
};

typedef struct {
    PyObject_HEAD
    const struct variant *variant;
    struct sponge sponge;
} SHA3object;

typedef struct {
    PyTypeObject *types[VARIANTS];
} sha3_state;

static inline sha3_state *
get_state(PyObject *module)
{
    sha3_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

#include "sig/_sha3.sig.h"

/* --- The sponge ------------------------------------------------------------------------------- */

/* The constants of the step iota, from its shift register. */
static const uint64_t round_constants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

/* The rotations of the step rho, lane by lane. */
static const unsigned char rotations[LANES] = {
    0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14,
};

static inline uint64_t
rotate(uint64_t x, int n)
{
    return n != 0 ? x << n | x >> (64 - n) : x;
}

static void
permute(uint64_t a[LANES])
{
    uint64_t b[LANES], c[5];
    for (int round = 0; round < 24; round++) {
        for (int x = 0; x < 5; x++) {                                       /* theta */
            c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        }
        for (int x = 0; x < 5; x++) {
            uint64_t d = c[(x + 4) % 5] ^ rotate(c[(x + 1) % 5], 1);
            for (int y = 0; y < LANES; y += 5) {
                a[x + y] ^= d;
            }
        }
        for (int y = 0; y < 5; y++) {                                       /* rho, pi */
            for (int x = 0; x < 5; x++) {
                b[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(a[x + 5 * y], rotations[x + 5 * y]);
            }
        }
        for (int y = 0; y < LANES; y += 5) {                                /* chi */
            for (int x = 0; x < 5; x++) {
                a[x + y] = b[x + y] ^ (~b[(x + 1) % 5 + y] & b[(x + 2) % 5 + y]);
            }
        }
        a[0] ^= round_constants[round];                                     /* iota */
    }
}

static inline void
add_byte(struct sponge *sponge, int position, unsigned char byte)
{
    sponge->lanes[position / 8] ^= (uint64_t)byte << 8 * (position % 8);
}

static void
absorb(void *state, const unsigned char *p, size_t n)
{
    struct sponge *sponge = state;
    assert(sponge->position < sponge->rate);
    for (size_t i = 0; i < n;) {
        if (sponge->position % 8 == 0 && n - i >= 8) {
            uint64_t lane = 0;
            for (int k = 7; k >= 0; k--) {
                lane = lane << 8 | p[i + (size_t)k];
            }
            sponge->lanes[sponge->position / 8] ^= lane;
            sponge->position += 8;
            i += 8;
        }
        else {
            add_byte(sponge, sponge->position++, p[i++]);
        }
        if (sponge->position == sponge->rate) {
            permute(sponge->lanes);
            sponge->position = 0;
        }
    }
}

/* The output for what was taken up so far. */
static void
squeeze(const SHA3object *self, unsigned char *out, size_t n)
{
    struct sponge sponge = self->sponge;
    add_byte(&sponge, sponge.position, self->variant->suffix);
    add_byte(&sponge, sponge.rate - 1, 0x80);
    for (size_t i = 0; i < n; i++) {
        int position = (int)(i % (size_t)sponge.rate);
        if (position == 0) {
            permute(sponge.lanes);
        }
        out[i] = (unsigned char)(sponge.lanes[position / 8] >> 8 * (position % 8));
    }
}

/* --- Objects ---------------------------------------------------------------------------------- */

/*sig sha3_224.__new__(type, data: object = c"NULL" py"b''", /, *, usedforsecurity: bool = True)

The constructor of all types.
*/
static PyObject *
sha3_224_new_impl(PyTypeObject *type, PyObject *data, int Py_UNUSED(usedforsecurity))
{
    sha3_state *state = PyType_GetModuleState(type);
    size_t i = 0;
    assert(state != NULL);
    while (state->types[i] != type) {       /* the types have no subclasses */
        i++;
        assert(i < VARIANTS);
    }
    SHA3object *self = PyObject_New(SHA3object, type);
    if (self == NULL) {
        return NULL;
    }
    self->variant = &variants[i];
    memset(&self->sponge, 0, sizeof(self->sponge));
    self->sponge.rate = variants[i].rate;
    if (hash_initial(data, &self->sponge, absorb) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void
sha3_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}

/*sig sha3.copy(self)

Return a copy of the hash object.
*/
static PyObject *
sha3_copy_impl(SHA3object *self)
{
    SHA3object *copy = PyObject_New(SHA3object, Py_TYPE(self));
    if (copy != NULL) {
        copy->variant = self->variant;
        copy->sponge = self->sponge;
    }
    return (PyObject *)copy;
}

/*sig sha3.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
sha3_digest_impl(SHA3object *self)
{
    unsigned char digest[64];
    assert(self->variant->digest_size <= 64);
    squeeze(self, digest, (size_t)self->variant->digest_size);
    return PyBytes_FromStringAndSize((const char *)digest, self->variant->digest_size);
}

/*sig sha3.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
sha3_hexdigest_impl(SHA3object *self)
{
    unsigned char digest[64];
    squeeze(self, digest, (size_t)self->variant->digest_size);
    return _Py_strhex((const char *)digest, self->variant->digest_size);
}

/*sig sha3.update(self, data, /) -> None

Update this hash object's state with the provided bytes-like object.
*/
static int
sha3_update_impl(SHA3object *self, PyObject *data)
{
    return hash_more(data, &self->sponge, absorb);
}

/* Output of a length that the caller chose: new bytes, or NULL with an exception. */
static PyObject *
shake_output(SHA3object *self, unsigned long length)
{
    if (length >= LENGTH_LIMIT) {
        PyErr_SetString(PyExc_ValueError, "length is too large");
        return NULL;
    }
    PyObject *out = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)length);
    if (out != NULL) {
        squeeze(self, (unsigned char *)PyBytes_AS_STRING(out), length);
    }
    return out;
}

/*sig shake.digest(self, length: ulong, /)

Return the digest value as a bytes object.
*/
static PyObject *
shake_digest_impl(SHA3object *self, unsigned long length)
{
    return shake_output(self, length);
}

/*sig shake.hexdigest(self, length: ulong, /)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
shake_hexdigest_impl(SHA3object *self, unsigned long length)
{
    PyObject *out = shake_output(self, length);
    if (out == NULL) {
        return NULL;
    }
    PyObject *hex = _Py_strhex(PyBytes_AS_STRING(out), PyBytes_GET_SIZE(out));
    Py_DECREF(out);
    return hex;
}

static PyObject *
sha3_get_block_size(SHA3object *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(self->variant->rate);
}

static PyObject *
sha3_get_name(SHA3object *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString(self->variant->name + strlen("_sha3."));
}

static PyObject *
sha3_get_digest_size(SHA3object *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(self->variant->digest_size);
}

static PyObject *
sha3_get_capacity_bits(SHA3object *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(LANES * 64 - self->variant->rate * 8);
}

static PyObject *
sha3_get_rate_bits(SHA3object *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(self->variant->rate * 8);
}

static PyObject *
sha3_get_suffix(SHA3object *self, void *Py_UNUSED(closure))
{
    return PyBytes_FromStringAndSize((const char *)&self->variant->suffix, 1);
}

static PyGetSetDef sha3_getset[] = {
    {"block_size", (getter)sha3_get_block_size, NULL, NULL, NULL},
    {"name", (getter)sha3_get_name, NULL, NULL, NULL},
    {"digest_size", (getter)sha3_get_digest_size, NULL, NULL, NULL},
    {"_capacity_bits", (getter)sha3_get_capacity_bits, NULL, NULL, NULL},
    {"_rate_bits", (getter)sha3_get_rate_bits, NULL, NULL, NULL},
    {"_suffix", (getter)sha3_get_suffix, NULL, NULL, NULL},
    {NULL}
};

static PyMethodDef sha3_methods[] = {
    SHA3_COPY_METHODDEF
    SHA3_DIGEST_METHODDEF
    SHA3_HEXDIGEST_METHODDEF
    SHA3_UPDATE_METHODDEF
    {NULL}
};

static PyMethodDef shake_methods[] = {
    SHA3_COPY_METHODDEF
    SHAKE_DIGEST_METHODDEF
    SHAKE_HEXDIGEST_METHODDEF
    SHA3_UPDATE_METHODDEF
    {NULL}
};

/* --- The module ------------------------------------------------------------------------------- */

static int
sha3_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        Py_VISIT(get_state(module)->types[i]);
    }
    return 0;
}

static int
sha3_module_clear(PyObject *module)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        Py_CLEAR(get_state(module)->types[i]);
    }
    return 0;
}

static void
sha3_module_free(void *module)
{
    sha3_module_clear((PyObject *)module);
}

static PyTypeObject *
make_type(PyObject *module, const struct variant *variant)
{
    PyType_Slot slots[] = {
        {Py_tp_new, sha3_224_new},
        {Py_tp_dealloc, sha3_dealloc},
        {Py_tp_doc, (void *)variant->doc},
        {Py_tp_methods, variant->digest_size != 0 ? sha3_methods : shake_methods},
        {Py_tp_getset, sha3_getset},
        {0, NULL}
    };
    PyType_Spec spec = {
        .name = variant->name,
        .basicsize = sizeof(SHA3object),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
        .slots = slots,
    };
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}

static int
sha3_exec(PyObject *module)
{
    sha3_state *state = get_state(module);
    for (size_t i = 0; i < VARIANTS; i++) {
        state->types[i] = make_type(module, &variants[i]);
        if (state->types[i] == NULL || PyModule_AddType(module, state->types[i]) < 0) {
            return -1;
        }
    }
    return PyModule_AddStringConstant(module, "implementation", "Ladon");
}

static PyModuleDef_Slot sha3_slots[] = {
    {Py_mod_exec, sha3_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef sha3_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sha3",
    .m_size = sizeof(sha3_state),
    .m_slots = sha3_slots,
    .m_traverse = sha3_module_traverse,
    .m_clear = sha3_module_clear,
    .m_free = sha3_module_free,
};

PyMODINIT_FUNC
PyInit__sha3(void)
{
    return PyModuleDef_Init(&sha3_module);
}
