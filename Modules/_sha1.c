/* The module _sha1: SHA-1.
 *
 * The state is that of hashlib.h: words and lengths are big-endian.
 *
 * Written from FIPS 180-4.
 */
#include "Python.h"
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_strhex.h"
#include "hashlib.h"

#define DIGEST_SIZE 20

typedef struct {
    PyObject_HEAD
    struct hash32 state;
} SHA1object;

typedef struct {
    PyTypeObject *type;
} sha1_state;

#include "sig/_sha1.sig.h"

static inline sha1_state *
get_state(PyObject *module)
{
    sha1_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

static const uint32_t initial[5] = {
    0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0,
};

static inline uint32_t
rotate(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

static void
compress(struct hash32 *state, const unsigned char *p)
{
    uint32_t w[80], a = state->h[0], b = state->h[1], c = state->h[2], d = state->h[3];
    uint32_t e = state->h[4];
    for (int i = 0; i < 16; i++) {
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16
               | (uint32_t)p[4 * i + 2] << 8 | (uint32_t)p[4 * i + 3];
    }
    for (int i = 16; i < 80; i++) {
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    for (int i = 0; i < 80; i++) {
        uint32_t f, k;
        if (i < 20) {
            f = (b & c) ^ (~b & d);
            k = 0x5a827999;
        }
        else if (i < 40) {
            f = b ^ c ^ d;
            k = 0x6ed9eba1;
        }
        else if (i < 60) {
            f = (b & c) ^ (b & d) ^ (c & d);
            k = 0x8f1bbcdc;
        }
        else {
            f = b ^ c ^ d;
            k = 0xca62c1d6;
        }
        uint32_t next = rotate(a, 5) + f + e + k + w[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    state->h[0] += a;
    state->h[1] += b;
    state->h[2] += c;
    state->h[3] += d;
    state->h[4] += e;
}

/* The digest of what was hashed so far. */
static void
finish(const struct hash32 *state, unsigned char digest[DIGEST_SIZE])
{
    struct hash32 copy = *state;
    unsigned char length[8];
    for (int i = 0; i < 8; i++) {
        length[i] = (unsigned char)(state->length * 8 >> (56 - 8 * i));
    }
    hash32_finish(&copy, length, compress);
    for (int i = 0; i < DIGEST_SIZE; i++) {
        digest[i] = (unsigned char)(copy.h[i / 4] >> (24 - 8 * (i % 4)));
    }
}

static void
update(void *state, const unsigned char *p, size_t n)
{
    hash32_update(state, p, n, compress);
}

/* --- Objects ---------------------------------------------------------------------------------- */

static int
sha1_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
sha1_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

/*sig SHA1Type.copy(self)

Return a copy of the hash object.
*/
static PyObject *
SHA1Type_copy_impl(SHA1object *self)
{
    SHA1object *copy = PyObject_GC_New(SHA1object, Py_TYPE(self));
    if (copy != NULL) {
        copy->state = self->state;
        PyObject_GC_Track(copy);
    }
    return (PyObject *)copy;
}

/*sig SHA1Type.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
SHA1Type_digest_impl(SHA1object *self)
{
    unsigned char digest[DIGEST_SIZE];
    finish(&self->state, digest);
    return PyBytes_FromStringAndSize((const char *)digest, sizeof(digest));
}

/*sig SHA1Type.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
SHA1Type_hexdigest_impl(SHA1object *self)
{
    unsigned char digest[DIGEST_SIZE];
    finish(&self->state, digest);
    return _Py_strhex((const char *)digest, sizeof(digest));
}

/*sig SHA1Type.update(self, obj, /) -> None

Update this hash object's state with the provided string.
*/
static int
SHA1Type_update_impl(SHA1object *self, PyObject *obj)
{
    return hash_more(obj, &self->state, update);
}

static PyMethodDef sha1_methods[] = {
    SHA1TYPE_COPY_METHODDEF
    SHA1TYPE_DIGEST_METHODDEF
    SHA1TYPE_HEXDIGEST_METHODDEF
    SHA1TYPE_UPDATE_METHODDEF
    {NULL}
};

static PyObject *
sha1_get_block_size(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyLong_FromLong(HASH_BLOCK);
}

static PyObject *
sha1_get_name(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyUnicode_FromString("sha1");
}

static PyObject *
sha1_get_digest_size(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyLong_FromLong(DIGEST_SIZE);
}

static PyGetSetDef sha1_getset[] = {
    {"block_size", sha1_get_block_size, NULL, NULL, NULL},
    {"name", sha1_get_name, NULL, NULL, NULL},
    {"digest_size", sha1_get_digest_size, NULL, NULL, NULL},
    {NULL}
};

static PyType_Slot sha1_type_slots[] = {
    {Py_tp_dealloc, sha1_dealloc},
    {Py_tp_methods, sha1_methods},
    {Py_tp_getset, sha1_getset},
    {Py_tp_traverse, sha1_traverse},
    {0, NULL}
};

static PyType_Spec sha1_spec = {
    .name = "_sha1.sha1",
    .basicsize = sizeof(SHA1object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_HAVE_GC,
    .slots = sha1_type_slots,
};

/* --- The module ------------------------------------------------------------------------------- */

/*sig _sha1.sha1(module, string: object = c"NULL" py"b''", *, usedforsecurity: bool = True)

Return a new SHA1 hash object; optionally initialized with a string.
*/
static PyObject *
_sha1_sha1_impl(PyObject *module, PyObject *string, int Py_UNUSED(usedforsecurity))
{
    SHA1object *self = PyObject_GC_New(SHA1object, get_state(module)->type);
    if (self == NULL) {
        return NULL;
    }
    memset(&self->state, 0, sizeof(self->state));
    memcpy(self->state.h, initial, sizeof(initial));
    PyObject_GC_Track(self);
    if (hash_initial(string, &self->state, update) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static PyMethodDef sha1_functions[] = {
    _SHA1_SHA1_METHODDEF
    {NULL}
};

static int
sha1_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(get_state(module)->type);
    return 0;
}

static int
sha1_module_clear(PyObject *module)
{
    Py_CLEAR(get_state(module)->type);
    return 0;
}

static void
sha1_module_free(void *module)
{
    sha1_module_clear((PyObject *)module);
}

static int
sha1_exec(PyObject *module)
{
    sha1_state *state = get_state(module);
    state->type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &sha1_spec, NULL);
    return state->type != NULL
           ? PyModule_AddObjectRef(module, "SHA1Type", (PyObject *)state->type) : -1;
}

static PyModuleDef_Slot sha1_slots[] = {
    {Py_mod_exec, sha1_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef sha1_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sha1",
    .m_size = sizeof(sha1_state),
    .m_methods = sha1_functions,
    .m_slots = sha1_slots,
    .m_traverse = sha1_module_traverse,
    .m_clear = sha1_module_clear,
    .m_free = sha1_module_free,
};

PyMODINIT_FUNC
PyInit__sha1(void)
{
    return PyModuleDef_Init(&sha1_module);
}
