/* The module _blake2: BLAKE2b and BLAKE2s with all of their parameters, by libb2.
 *
 * One object layout for both: the variant tells which of the two it is.  A key is hashed as a block
 * of its own in front.
 *
 * Written from libb2's header blake2.h and, for what the parameters mean, from the BLAKE2 paper
 * (Aumasson, Neves, Wilcox-O'Hearn, Winnerlein, 2013).
 */
#include "Python.h"
#include "pycore_signature.h"
#include "pycore_strhex.h"          // _Py_strhex()
#include "hashlib.h"

#include <blake2.h>
#include <stdbool.h>

#define MAX_BLOCK 128
#define MAX_DIGEST 64

/* How the two functions differ. */
struct variant {
    const char *name;
    bool wide;                              /* BLAKE2b */
    int block_size, max_digest, max_key;
    int max_salt;                           /* for salt and person */
    int offset_bytes;                       /* of the node offset */
};

static const struct variant variant_b = {"blake2b", true, 128, 64, 64, 16, 8};
static const struct variant variant_s = {"blake2s", false, 64, 32, 32, 8, 6};

struct blake2 {
    const struct variant *variant;
    union {
        blake2b_state b;
        blake2s_state s;
    } u;
};

typedef struct {
    PyObject_HEAD
    int digest_size;
    struct blake2 state;
    PyThread_type_lock lock;        /* see hashlib.h */
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

/* --- Hashing ---------------------------------------------------------------------------------- */

static int
update(void *data, const void *p, size_t n)
{
    struct blake2 *state = data;
    return state->variant->wide ? blake2b_update(&state->u.b, p, n)
                                : blake2s_update(&state->u.s, p, n);
}

/* Hash data into an object; 0, or -1 with an exception. */
static int
hash_data(Blake2object *self, PyObject *data)
{
    Py_buffer view;
    if (hash_get_data(data, &view) < 0) {
        return -1;
    }
    int result = hash_buffer(&view, &self->state, &self->lock, update);
    PyBuffer_Release(&view);
    if (result < 0) {
        PyErr_SetString(PyExc_ValueError, "the hash function failed");
    }
    return result;
}

static void
copy_state(Blake2object *self, struct blake2 *to)
{
    PyThread_type_lock held = self->lock;
    hash_enter(held);
    *to = self->state;
    hash_leave(held);
}

/* The digest of what was hashed so far; 0, or -1 with an exception. */
static int
finish(Blake2object *self, unsigned char digest[MAX_DIGEST])
{
    struct blake2 copy;
    size_t size = (size_t)self->digest_size;
    assert(size <= (size_t)self->state.variant->max_digest);
    copy_state(self, &copy);
    if ((copy.variant->wide ? blake2b_final(&copy.u.b, digest, size)
                            : blake2s_final(&copy.u.s, digest, size)) < 0)
    {
        PyErr_SetString(PyExc_ValueError, "the hash function failed");
        return -1;
    }
    return 0;
}

/* --- Parameters ------------------------------------------------------------------------------- */

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

/* Begin a hash: the parameter block as the paper lays it out, which is what libb2's structs are.
   0, or -1 without an exception. */
static int
initialize(struct blake2 *state, const struct variant *variant, const struct parameters *p,
           bool last_node)
{
    union {
        unsigned char bytes[64];
        blake2b_param b;
        blake2s_param s;
    } block = {{
        (unsigned char)p->digest_size, (unsigned char)p->key->len, (unsigned char)p->fanout,
        (unsigned char)p->depth,
    }};
    _Static_assert(sizeof(blake2b_param) == 64 && sizeof(blake2s_param) == 32, "blocks");
    int at = 8 + variant->offset_bytes, size = variant->max_digest;
    put_number(block.bytes + 4, p->leaf_size, 4);
    put_number(block.bytes + 8, p->node_offset, variant->offset_bytes);
    block.bytes[at] = (unsigned char)p->node_depth;
    block.bytes[at + 1] = (unsigned char)p->inner_size;
    if (p->salt->len > 0) {
        memcpy(block.bytes + size - 2 * variant->max_salt, p->salt->buf, (size_t)p->salt->len);
    }
    if (p->person->len > 0) {
        memcpy(block.bytes + size - variant->max_salt, p->person->buf, (size_t)p->person->len);
    }
    int result = variant->wide ? blake2b_init_param(&state->u.b, &block.b)
                               : blake2s_init_param(&state->u.s, &block.s);
    state->variant = variant;
    if (variant->wide) {
        state->u.b.outlen = (uint8_t)p->digest_size;
        state->u.b.last_node = last_node;
    }
    else {
        state->u.s.outlen = (uint8_t)p->digest_size;
        state->u.s.last_node = last_node;
    }
    if (result == 0 && p->key->len > 0) {
        unsigned char key[MAX_BLOCK] = {0};
        memcpy(key, p->key->buf, (size_t)p->key->len);
        result = update(state, key, (size_t)variant->block_size);
        explicit_bzero(key, sizeof(key));
    }
    return result;
}

static PyObject *
make_hash(PyTypeObject *type, const struct variant *variant, const struct parameters *p,
          bool last_node, PyObject *data)
{
    if (check_parameters(variant, p) < 0) {
        return NULL;
    }
    Blake2object *self = (Blake2object *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->digest_size = p->digest_size;
    if (initialize(&self->state, variant, p, last_node) < 0) {
        PyErr_SetString(PyExc_ValueError, "the hash function failed");
        Py_CLEAR(self);
    }
    else if (data != NULL && hash_data(self, data) < 0) {
        Py_CLEAR(self);
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
    PyThread_type_lock lock = ((Blake2object *)self)->lock;
    if (lock != NULL) {
        PyThread_free_lock(lock);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

/*sig blake2.copy(self)

Return a copy of the hash object.
*/
static PyObject *
blake2_copy_impl(Blake2object *self)
{
    Blake2object *copy = (Blake2object *)PyType_GenericAlloc(Py_TYPE(self), 0);
    if (copy != NULL) {
        copy->digest_size = self->digest_size;
        copy_state(self, &copy->state);
    }
    return (PyObject *)copy;
}

/*sig blake2.update(self, data, /) -> None

Update this hash object's state with the provided bytes-like object.
*/
static int
blake2_update_impl(Blake2object *self, PyObject *data)
{
    return hash_data(self, data);
}

/*sig blake2.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
blake2_digest_impl(Blake2object *self)
{
    unsigned char digest[MAX_DIGEST];
    if (finish(self, digest) < 0) {
        return NULL;
    }
    return PyBytes_FromStringAndSize((const char *)digest, self->digest_size);
}

/*sig blake2.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
blake2_hexdigest_impl(Blake2object *self)
{
    unsigned char digest[MAX_DIGEST];
    if (finish(self, digest) < 0) {
        return NULL;
    }
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
    return PyUnicode_FromString(self->state.variant->name);
}

static PyObject *
blake2_get_block_size(Blake2object *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(self->state.variant->block_size);
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

static struct PyModuleDef blake2_module = {
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
