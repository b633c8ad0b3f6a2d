/* The module _md5: MD5.
 *
 * The state is that of hashlib.h: words and lengths are little-endian.
 *
 * Written from RFC 1321.
 */
#include "Python.h"
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_signature.h"
#include "pycore_strhex.h"
#include "hashlib.h"

#define DIGEST_SIZE 16

typedef struct {
    PyObject_HEAD
    struct hash32 state;
} MD5object;

typedef struct {
    PyTypeObject *type;
} md5_state;

#include "sig/_md5.sig.h"

static inline md5_state *
get_state(PyObject *module)
{
    md5_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

static const uint32_t initial[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

/* Step i adds the integer part of 2^32 |sin(i + 1)|. */
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
    0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
    0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
    0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
    0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
    0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
    0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
    0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
    0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static inline uint32_t
rotate(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

static void
compress(struct hash32 *state, const unsigned char *p)
{
    static const unsigned char shifts[4][4] = {
        {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21},
    };
    uint32_t x[16], a = state->h[0], b = state->h[1], c = state->h[2], d = state->h[3];
    for (int i = 0; i < 16; i++) {
        x[i] = (uint32_t)p[4 * i] | (uint32_t)p[4 * i + 1] << 8 | (uint32_t)p[4 * i + 2] << 16
               | (uint32_t)p[4 * i + 3] << 24;
    }
    for (int i = 0; i < 64; i++) {
        uint32_t f;
        int k;
        switch (i / 16) {
        case 0:
            f = (b & c) | (~b & d);
            k = i;
            break;
        case 1:
            f = (b & d) | (c & ~d);
            k = (5 * i + 1) % 16;
            break;
        case 2:
            f = b ^ c ^ d;
            k = (3 * i + 5) % 16;
            break;
        default:
            f = c ^ (b | ~d);
            k = 7 * i % 16;
            break;
        }
        uint32_t next = b + rotate(a + f + x[k] + sines[i], shifts[i / 16][i % 4]);
        a = d;
        d = c;
        c = b;
        b = next;
    }
    state->h[0] += a;
    state->h[1] += b;
    state->h[2] += c;
    state->h[3] += d;
}

/* The digest of what was hashed so far. */
static void
finish(const struct hash32 *state, unsigned char digest[DIGEST_SIZE])
{
    struct hash32 copy = *state;
    unsigned char length[8];
    for (int i = 0; i < 8; i++) {
        length[i] = (unsigned char)(state->length * 8 >> 8 * i);
    }
    hash32_finish(&copy, length, compress);
    for (int i = 0; i < DIGEST_SIZE; i++) {
        digest[i] = (unsigned char)(copy.h[i / 4] >> 8 * (i % 4));
    }
}

static void
update(void *state, const unsigned char *p, size_t n)
{
    hash32_update(state, p, n, compress);
}

/* --- Objects ---------------------------------------------------------------------------------- */

static int
md5_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
md5_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

/*sig MD5Type.copy(self)

Return a copy of the hash object.
*/
static PyObject *
MD5Type_copy_impl(MD5object *self)
{
    MD5object *copy = PyObject_GC_New(MD5object, Py_TYPE(self));
    if (copy != NULL) {
        copy->state = self->state;
        PyObject_GC_Track(copy);
    }
    return (PyObject *)copy;
}

/*sig MD5Type.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
MD5Type_digest_impl(MD5object *self)
{
    unsigned char digest[DIGEST_SIZE];
    finish(&self->state, digest);
    return PyBytes_FromStringAndSize((const char *)digest, sizeof(digest));
}

/*sig MD5Type.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
MD5Type_hexdigest_impl(MD5object *self)
{
    unsigned char digest[DIGEST_SIZE];
    finish(&self->state, digest);
    return _Py_strhex((const char *)digest, sizeof(digest));
}

/*sig MD5Type.update(self, obj, /) -> None

Update this hash object's state with the provided string.
*/
static int
MD5Type_update_impl(MD5object *self, PyObject *obj)
{
    return hash_more(obj, &self->state, update);
}

static PyMethodDef md5_methods[] = {
    MD5TYPE_COPY_METHODDEF
    MD5TYPE_DIGEST_METHODDEF
    MD5TYPE_HEXDIGEST_METHODDEF
    MD5TYPE_UPDATE_METHODDEF
    {NULL}
};

static PyObject *
md5_get_block_size(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyLong_FromLong(HASH_BLOCK);
}

static PyObject *
md5_get_name(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyUnicode_FromString("md5");
}

static PyObject *
md5_get_digest_size(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyLong_FromLong(DIGEST_SIZE);
}

static PyGetSetDef md5_getset[] = {
    {"block_size", md5_get_block_size, NULL, NULL, NULL},
    {"name", md5_get_name, NULL, NULL, NULL},
    {"digest_size", md5_get_digest_size, NULL, NULL, NULL},
    {NULL}
};

static PyType_Slot md5_type_slots[] = {
    {Py_tp_dealloc, md5_dealloc},
    {Py_tp_methods, md5_methods},
    {Py_tp_getset, md5_getset},
    {Py_tp_traverse, md5_traverse},
    {0, NULL}
};

static PyType_Spec md5_spec = {
    .name = "_md5.md5",
    .basicsize = sizeof(MD5object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE
             | Py_TPFLAGS_HAVE_GC,
    .slots = md5_type_slots,
};

/* --- The module ------------------------------------------------------------------------------- */

/*sig _md5.md5(module, string: object = c"NULL" py"b''", *, usedforsecurity: bool = True)

Return a new MD5 hash object; optionally initialized with a string.
*/
static PyObject *
_md5_md5_impl(PyObject *module, PyObject *string, int Py_UNUSED(usedforsecurity))
{
    MD5object *self = PyObject_GC_New(MD5object, get_state(module)->type);
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

static PyMethodDef md5_functions[] = {
    _MD5_MD5_METHODDEF
    {NULL}
};

static int
md5_module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(get_state(module)->type);
    return 0;
}

static int
md5_module_clear(PyObject *module)
{
    Py_CLEAR(get_state(module)->type);
    return 0;
}

static void
md5_module_free(void *module)
{
    md5_module_clear((PyObject *)module);
}

static int
md5_exec(PyObject *module)
{
    md5_state *state = get_state(module);
    state->type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &md5_spec, NULL);
    return state->type != NULL
           ? PyModule_AddObjectRef(module, "MD5Type", (PyObject *)state->type) : -1;
}

static PyModuleDef_Slot md5_slots[] = {
    {Py_mod_exec, md5_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef md5_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_md5",
    .m_size = sizeof(md5_state),
    .m_methods = md5_functions,
    .m_slots = md5_slots,
    .m_traverse = md5_module_traverse,
    .m_clear = md5_module_clear,
    .m_free = md5_module_free,
};

PyMODINIT_FUNC
PyInit__md5(void)
{
    return PyModuleDef_Init(&md5_module);
}
