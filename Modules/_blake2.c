/* The module _blake2: BLAKE2b and BLAKE2s with all of their parameters.
 *
 * One object layout for both: `wide` tells whether words have 64 bits (BLAKE2b) or 32 (BLAKE2s).
 * The last block is compressed in another way than the others, so a full block waits until more
 * data shows that it is not the last one; a key is hashed as a block of its own in front.
 *
 * Written from RFC 7693 and, for salt, person and the tree parameters, from the BLAKE2 paper
 * (Aumasson, Neves, Wilcox-O'Hearn, Winnerlein, 2013).
 */
#include "Python.h"
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_strhex.h"
#include "hashlib.h"

#include <stdbool.h>

#define MAX_BLOCK 128
#define MAX_DIGEST 64

struct blake2 {
    union {
        uint64_t wide[8];
        uint32_t narrow[8];
    } h;
    uint64_t counter;               /* bytes compressed */
    unsigned char block[MAX_BLOCK];
    size_t waiting;                 /* bytes in the block */
    size_t block_size;
    bool wide, last_node;
};

typedef struct {
    PyObject_HEAD
    int digest_size;
    struct blake2 state;
} Blake2object;

typedef struct {
    PyTypeObject *b_type, *s_type;
} blake2_state;

static inline blake2_state *
get_state(PyObject *module)
{
    blake2_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

#include "sig/_blake2.sig.h"

/* --- Compression ------------------------------------------------------------------------------ */

static const uint64_t initial_wide[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static const uint32_t initial_narrow[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* Which message words a round takes; BLAKE2b begins again with the first row in round 10. */
static const unsigned char sigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

/* What the mixing function G is applied to: four columns, then four diagonals. */
static const unsigned char quarters[8][4] = {
    {0, 4, 8, 12}, {1, 5, 9, 13}, {2, 6, 10, 14}, {3, 7, 11, 15},
    {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13}, {3, 4, 9, 14},
};

#define DEFINE_COMPRESS(NAME, WORD, BITS, ROUNDS, R1, R2, R3, R4) \
static inline WORD \
rotate_##NAME(WORD x, int n) \
{ \
    return (WORD)(x >> n | x << (BITS - n)); \
} \
\
static void \
compress_##NAME(struct blake2 *state, const unsigned char *p, bool last) \
{ \
    WORD m[16], v[16], *h = state->h.NAME; \
    for (int i = 0; i < 16; i++) { \
        m[i] = 0; \
        for (int k = BITS / 8 - 1; k >= 0; k--) { \
            m[i] = (WORD)(m[i] << 8 | p[i * (BITS / 8) + k]); \
        } \
    } \
    memcpy(v, h, sizeof(WORD) * 8); \
    memcpy(v + 8, initial_##NAME, sizeof(WORD) * 8); \
    v[12] ^= (WORD)state->counter; \
    v[13] ^= BITS == 32 ? (WORD)(state->counter >> 32) : 0; \
    if (last) { \
        v[14] = (WORD)~v[14]; \
        v[15] = state->last_node ? (WORD)~v[15] : v[15]; \
    } \
    for (int round = 0; round < ROUNDS; round++) { \
        for (int i = 0; i < 8; i++) { \
            const unsigned char *q = quarters[i], *s = &sigma[round % 10][2 * i]; \
            WORD a = v[q[0]], b = v[q[1]], c = v[q[2]], d = v[q[3]]; \
            a = a + b + m[s[0]]; \
            d = rotate_##NAME(d ^ a, R1); \
            c = c + d; \
            b = rotate_##NAME(b ^ c, R2); \
            a = a + b + m[s[1]]; \
            d = rotate_##NAME(d ^ a, R3); \
            c = c + d; \
            b = rotate_##NAME(b ^ c, R4); \
            v[q[0]] = a; \
            v[q[1]] = b; \
            v[q[2]] = c; \
            v[q[3]] = d; \
        } \
    } \
    for (int i = 0; i < 8; i++) { \
        h[i] ^= v[i] ^ v[i + 8]; \
    } \
}

DEFINE_COMPRESS(wide, uint64_t, 64, 12, 32, 24, 16, 63)
DEFINE_COMPRESS(narrow, uint32_t, 32, 10, 16, 12, 8, 7)

static void
compress(struct blake2 *state, const unsigned char *p, size_t n, bool last)
{
    state->counter += n;
    if (state->wide) {
        compress_wide(state, p, last);
    }
    else {
        compress_narrow(state, p, last);
    }
}

static void
update(void *data, const unsigned char *p, size_t n)
{
    struct blake2 *state = data;
    while (n > 0) {
        if (state->waiting == state->block_size) {
            compress(state, state->block, state->block_size, false);
            state->waiting = 0;
        }
        if (state->waiting == 0) {
            for (; n > state->block_size; p += state->block_size, n -= state->block_size) {
                compress(state, p, state->block_size, false);
            }
        }
        size_t take = Py_MIN(state->block_size - state->waiting, n);
        memcpy(state->block + state->waiting, p, take);
        state->waiting += take;
        p += take;
        n -= take;
    }
}

/* The digest of what was hashed so far. */
static void
finish(const Blake2object *self, unsigned char digest[MAX_DIGEST])
{
    struct blake2 copy = self->state;
    assert(copy.waiting <= copy.block_size);
    memset(copy.block + copy.waiting, 0, copy.block_size - copy.waiting);
    compress(&copy, copy.block, copy.waiting, true);
    for (int i = 0; i < self->digest_size; i++) {
        digest[i] = copy.wide ? (unsigned char)(copy.h.wide[i / 8] >> 8 * (i % 8))
                              : (unsigned char)(copy.h.narrow[i / 4] >> 8 * (i % 4));
    }
}

/* --- Parameters ------------------------------------------------------------------------------- */

/* How the two functions differ. */
struct variant {
    bool wide;
    int max_digest, max_key, max_salt;      /* max_salt for salt and person */
    int offset_bytes;                       /* of the node offset */
};

static const struct variant variant_b = {true, 64, 64, 16, 8};
static const struct variant variant_s = {false, 32, 32, 8, 6};

struct parameters {
    int digest_size, fanout, depth, node_depth, inner_size;
    unsigned long leaf_size;
    unsigned long long node_offset;
    const Py_buffer *key, *salt, *person;
};

/* 0, or -1 with ValueError or OverflowError. */
static int
check_parameters(const struct variant *variant, const struct parameters *p)
{
    const struct {
        const char *name;
        const Py_buffer *buffer;
        int limit;
    } buffers[] = {
        {"salt", p->salt, variant->max_salt}, {"person", p->person, variant->max_salt},
    };
    if (p->digest_size <= 0 || p->digest_size > variant->max_digest) {
        PyErr_Format(PyExc_ValueError, "digest_size must be between 1 and %d bytes",
                     variant->max_digest);
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(buffers); i++) {
        if (buffers[i].buffer->len > buffers[i].limit) {
            PyErr_Format(PyExc_ValueError, "maximum %s length is %d bytes", buffers[i].name,
                         buffers[i].limit);
            return -1;
        }
    }
    if (p->fanout < 0 || p->fanout > 255) {
        PyErr_SetString(PyExc_ValueError, "fanout must be between 0 and 255");
        return -1;
    }
    if (p->depth <= 0 || p->depth > 255) {
        PyErr_SetString(PyExc_ValueError, "depth must be between 1 and 255");
        return -1;
    }
    if (p->leaf_size > 0xffffffff) {
        PyErr_SetString(PyExc_OverflowError, "leaf_size is too large");
        return -1;
    }
    if (variant->offset_bytes < 8 && p->node_offset >> 8 * variant->offset_bytes != 0) {
        PyErr_SetString(PyExc_OverflowError, "node_offset is too large");
        return -1;
    }
    if (p->node_depth < 0 || p->node_depth > 255) {
        PyErr_SetString(PyExc_ValueError, "node_depth must be between 0 and 255");
        return -1;
    }
    if (p->inner_size < 0 || p->inner_size > variant->max_digest) {
        PyErr_Format(PyExc_ValueError, "inner_size must be between 0 and is %d",
                     variant->max_digest);
        return -1;
    }
    if (p->key->len > variant->max_key) {
        PyErr_Format(PyExc_ValueError, "maximum key length is %d bytes", variant->max_key);
        return -1;
    }
    return 0;
}

static void
put_number(unsigned char *to, unsigned long long value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        to[i] = (unsigned char)(value >> 8 * i);
    }
}

/* Begin a hash: the parameter block goes into the initial value. */
static void
initialize(struct blake2 *state, const struct variant *variant, const struct parameters *p)
{
    unsigned char block[64] = {
        (unsigned char)p->digest_size, (unsigned char)p->key->len, (unsigned char)p->fanout,
        (unsigned char)p->depth,
    };
    int at = 8 + variant->offset_bytes, size = variant->max_digest;
    put_number(block + 4, p->leaf_size, 4);
    put_number(block + 8, p->node_offset, variant->offset_bytes);
    block[at] = (unsigned char)p->node_depth;
    block[at + 1] = (unsigned char)p->inner_size;
    if (p->salt->len > 0) {
        memcpy(block + size - 2 * variant->max_salt, p->salt->buf, (size_t)p->salt->len);
    }
    if (p->person->len > 0) {
        memcpy(block + size - variant->max_salt, p->person->buf, (size_t)p->person->len);
    }
    memset(state, 0, sizeof(*state));
    state->wide = variant->wide;
    state->block_size = variant->wide ? 128 : 64;
    for (int i = 0; i < size; i++) {
        if (variant->wide) {
            state->h.wide[i / 8] ^= (uint64_t)block[i] << 8 * (i % 8);
        }
        else {
            state->h.narrow[i / 4] ^= (uint32_t)block[i] << 8 * (i % 4);
        }
    }
    for (int i = 0; i < 8; i++) {
        if (variant->wide) {
            state->h.wide[i] ^= initial_wide[i];
        }
        else {
            state->h.narrow[i] ^= initial_narrow[i];
        }
    }
}

static PyObject *
make_hash(PyTypeObject *type, const struct variant *variant, const struct parameters *p,
          bool last_node, PyObject *data)
{
    if (check_parameters(variant, p) < 0) {
        return NULL;
    }
    Blake2object *self = PyObject_New(Blake2object, type);
    if (self == NULL) {
        return NULL;
    }
    self->digest_size = p->digest_size;
    initialize(&self->state, variant, p);
    self->state.last_node = last_node;
    if (p->key->len > 0) {
        memcpy(self->state.block, p->key->buf, (size_t)p->key->len);
        self->state.waiting = self->state.block_size;
    }
    if (hash_initial(data, &self->state, update) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* --- Objects ---------------------------------------------------------------------------------- */

/*sig blake2b.__new__(type, data: object = c"NULL" py"b''", /, *,
                digest_size: int = c"64" py"_blake2.blake2b.MAX_DIGEST_SIZE",
                key: buffer = b'', salt: buffer = b'', person: buffer = b'',
                fanout: int = 1, depth: int = 1, leaf_size: ulong = 0,
                node_offset: ulonglong = 0, node_depth: int = 0, inner_size: int = 0,
                last_node: bool = False, usedforsecurity: bool = True)

Return a new BLAKE2b hash object.
*/
static PyObject *
blake2b_new_impl(PyTypeObject *type, PyObject *data, int digest_size, Py_buffer *key,
                 Py_buffer *salt, Py_buffer *person, int fanout, int depth,
                 unsigned long leaf_size, unsigned long long node_offset, int node_depth,
                 int inner_size, int last_node, int Py_UNUSED(usedforsecurity))
{
    const struct parameters parameters = {
        digest_size, fanout, depth, node_depth, inner_size, leaf_size, node_offset, key, salt,
        person,
    };
    return make_hash(type, &variant_b, &parameters, last_node != 0, data);
}

/*sig blake2s.__new__(type, data: object = c"NULL" py"b''", /, *,
                digest_size: int = c"32" py"_blake2.blake2s.MAX_DIGEST_SIZE",
                key: buffer = b'', salt: buffer = b'', person: buffer = b'',
                fanout: int = 1, depth: int = 1, leaf_size: ulong = 0,
                node_offset: ulonglong = 0, node_depth: int = 0, inner_size: int = 0,
                last_node: bool = False, usedforsecurity: bool = True)

Return a new BLAKE2s hash object.
*/
static PyObject *
blake2s_new_impl(PyTypeObject *type, PyObject *data, int digest_size, Py_buffer *key,
                 Py_buffer *salt, Py_buffer *person, int fanout, int depth,
                 unsigned long leaf_size, unsigned long long node_offset, int node_depth,
                 int inner_size, int last_node, int Py_UNUSED(usedforsecurity))
{
    const struct parameters parameters = {
        digest_size, fanout, depth, node_depth, inner_size, leaf_size, node_offset, key, salt,
        person,
    };
    return make_hash(type, &variant_s, &parameters, last_node != 0, data);
}

static void
blake2_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}

/*sig blake2.copy(self)

Return a copy of the hash object.
*/
static PyObject *
blake2_copy_impl(Blake2object *self)
{
    Blake2object *copy = PyObject_New(Blake2object, Py_TYPE(self));
    if (copy != NULL) {
        copy->digest_size = self->digest_size;
        copy->state = self->state;
    }
    return (PyObject *)copy;
}

/*sig blake2.update(self, data, /) -> None

Update this hash object's state with the provided bytes-like object.
*/
static int
blake2_update_impl(Blake2object *self, PyObject *data)
{
    return hash_more(data, &self->state, update);
}

/*sig blake2.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
blake2_digest_impl(Blake2object *self)
{
    unsigned char digest[MAX_DIGEST];
    finish(self, digest);
    return PyBytes_FromStringAndSize((const char *)digest, self->digest_size);
}

/*sig blake2.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
blake2_hexdigest_impl(Blake2object *self)
{
    unsigned char digest[MAX_DIGEST];
    finish(self, digest);
    return _Py_strhex((const char *)digest, self->digest_size);
}

static PyMethodDef blake2_methods[] = {
    BLAKE2_COPY_METHODDEF
    BLAKE2_DIGEST_METHODDEF
    BLAKE2_HEXDIGEST_METHODDEF
    BLAKE2_UPDATE_METHODDEF
    {NULL}
};

static PyObject *
blake2_get_name(Blake2object *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString(self->state.wide ? "blake2b" : "blake2s");
}

static PyObject *
blake2_get_block_size(Blake2object *self, void *Py_UNUSED(closure))
{
    return PyLong_FromSize_t(self->state.block_size);
}

static PyObject *
blake2_get_digest_size(Blake2object *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(self->digest_size);
}

static PyGetSetDef blake2_getset[] = {
    {"name", (getter)blake2_get_name, NULL, NULL, NULL},
    {"block_size", (getter)blake2_get_block_size, NULL, NULL, NULL},
    {"digest_size", (getter)blake2_get_digest_size, NULL, NULL, NULL},
    {NULL}
};

#define SLOTS(NAME) { \
    {Py_tp_dealloc, blake2_dealloc}, \
    {Py_tp_doc, (void *)NAME##_new__doc__}, \
    {Py_tp_methods, blake2_methods}, \
    {Py_tp_getset, blake2_getset}, \
    {Py_tp_new, NAME##_new}, \
    {0, NULL} \
}

#define SPEC(NAME) { \
    .name = "_blake2." #NAME, \
    .basicsize = sizeof(Blake2object), \
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, \
    .slots = NAME##_slots, \
}

static PyType_Slot blake2b_slots[] = SLOTS(blake2b);
static PyType_Slot blake2s_slots[] = SLOTS(blake2s);
static PyType_Spec blake2b_spec = SPEC(blake2b);
static PyType_Spec blake2s_spec = SPEC(blake2s);

/* --- The module ------------------------------------------------------------------------------- */

static int
blake2_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(get_state(module)->b_type);
    Py_VISIT(get_state(module)->s_type);
    return 0;
}

static int
blake2_module_clear(PyObject *module)
{
    Py_CLEAR(get_state(module)->b_type);
    Py_CLEAR(get_state(module)->s_type);
    return 0;
}

static void
blake2_module_free(void *module)
{
    blake2_module_clear((PyObject *)module);
}

/* A constant of the type and, with a prefix, of the module. */
static int
add_constant(PyObject *module, PyTypeObject *type, const char *prefix, const char *name, int value)
{
    char full[64];
    PyObject *number = PyLong_FromLong(value);
    if (number == NULL) {
        return -1;
    }
    snprintf(full, sizeof(full), "%s%s", prefix, name);
    int result = PyModule_AddObjectRef(module, full, number);
    if (result == 0) {
        result = PyDict_SetItemString(type->tp_dict, name, number);
    }
    Py_DECREF(number);
    return result;
}

static int
add_type(PyObject *module, PyType_Spec *spec, const char *prefix, const struct variant *variant,
         PyTypeObject **place)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    *place = type;
    if (type == NULL || PyModule_AddType(module, type) < 0
        || add_constant(module, type, prefix, "SALT_SIZE", variant->max_salt) < 0
        || add_constant(module, type, prefix, "PERSON_SIZE", variant->max_salt) < 0
        || add_constant(module, type, prefix, "MAX_KEY_SIZE", variant->max_key) < 0
        || add_constant(module, type, prefix, "MAX_DIGEST_SIZE", variant->max_digest) < 0)
    {
        return -1;
    }
    PyType_Modified(type);
    return 0;
}

static int
blake2_exec(PyObject *module)
{
    blake2_state *state = get_state(module);
    if (add_type(module, &blake2b_spec, "BLAKE2B_", &variant_b, &state->b_type) < 0) {
        return -1;
    }
    return add_type(module, &blake2s_spec, "BLAKE2S_", &variant_s, &state->s_type);
}

static PyModuleDef_Slot blake2_slots[] = {
    {Py_mod_exec, blake2_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef blake2_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_blake2",
    .m_doc = PyDoc_STR("_blake2b provides BLAKE2b for hashlib\n"),
    .m_size = sizeof(blake2_state),
    .m_slots = blake2_slots,
    .m_traverse = blake2_module_traverse,
    .m_clear = blake2_module_clear,
    .m_free = blake2_module_free,
};

PyMODINIT_FUNC
PyInit__blake2(void)
{
    return PyModuleDef_Init(&blake2_module);
}
