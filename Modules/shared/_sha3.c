/* The module _sha3: SHA3-224, SHA3-256, SHA3-384, SHA3-512, SHAKE128 and SHAKE256, by libcrypto.
 *
 * The types differ in the algorithm and in what FIPS 202 says of it; a table row per type says so.
 */
#include "Python.h"
#include "pycore_signature.h"
#include "evp.h"

#define STATE_BITS 1600
#define LENGTH_LIMIT ((unsigned long)1 << 29)       /* bytes of output of a SHAKE */

struct variant {
    const char *name;           /* behind "_sha3." the name of the type */
    const char *doc;
    const char *algorithm;      /* its name in OpenSSL */
    int digest_size;            /* 0: chosen by the caller */
    int rate;                   /* bytes of a block */
    unsigned char suffix;       /* the bits behind the data, the first padding bit included */
};

#define SHA3_DOC(NAME, SIZE) NAME "([data], *, usedforsecurity=True) -> SHA3 object\n\n" \
    "Return a new SHA3 hash object with a hashbit length of " SIZE " bytes."
#define SHAKE_DOC(NAME) NAME "([data], *, usedforsecurity=True) -> SHAKE object\n\n" \
    "Return a new SHAKE hash object."

static const struct variant variants[] = {
    {"_sha3.sha3_224", SHA3_DOC("sha3_224", "28"), "SHA3-224", 28, 144, 0x06},
    {"_sha3.sha3_256", SHA3_DOC("sha3_256", "32"), "SHA3-256", 32, 136, 0x06},
    {"_sha3.sha3_384", SHA3_DOC("sha3_384", "48"), "SHA3-384", 48, 104, 0x06},
    {"_sha3.sha3_512", SHA3_DOC("sha3_512", "64"), "SHA3-512", 64, 72, 0x06},
    {"_sha3.shake_128", SHAKE_DOC("shake_128"), "SHAKE128", 0, 168, 0x1f},
    {"_sha3.shake_256", SHAKE_DOC("shake_256"), "SHAKE256", 0, 136, 0x1f},
};

#define VARIANTS Py_ARRAY_LENGTH(variants)

typedef struct {
    EVPobject evp;
    const struct variant *variant;
} SHA3object;

typedef struct {
    PyTypeObject *types[VARIANTS];
    EVP_MD *algorithms[VARIANTS];
} sha3_state;

static inline sha3_state *
get_state(PyObject *module)
{
    sha3_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

#include "sig/_sha3.sig.h"

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
    PyObject *self = evp_new(type, state->algorithms[i], data);
    if (self != NULL) {
        ((SHA3object *)self)->variant = &variants[i];
    }
    return self;
}

/*sig sha3.copy(self)

Return a copy of the hash object.
*/
static PyObject *
sha3_copy_impl(SHA3object *self)
{
    PyObject *copy = evp_copy(&self->evp);
    if (copy != NULL) {
        ((SHA3object *)copy)->variant = self->variant;
    }
    return copy;
}

/*sig sha3.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
sha3_digest_impl(SHA3object *self)
{
    return evp_digest(&self->evp);
}

/*sig sha3.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
sha3_hexdigest_impl(SHA3object *self)
{
    return evp_hexdigest(&self->evp);
}

/*sig sha3.update(self, data, /) -> None

Update this hash object's state with the provided bytes-like object.
*/
static int
sha3_update_impl(SHA3object *self, PyObject *data)
{
    return evp_hash(&self->evp, data);
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
    if (out != NULL && length > 0
        && evp_finish(&self->evp, (unsigned char *)PyBytes_AS_STRING(out), length, 1) < 0)
    {
        Py_CLEAR(out);
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
    return PyLong_FromLong(STATE_BITS - self->variant->rate * 8);
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
    for (size_t i = 0; i < VARIANTS; i++) {
        EVP_MD_free(get_state(module)->algorithms[i]);
    }
}

static PyTypeObject *
make_type(PyObject *module, const struct variant *variant)
{
    PyType_Slot slots[] = {
        {Py_tp_new, sha3_224_new},
        {Py_tp_dealloc, evp_dealloc},
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
        state->algorithms[i] = evp_fetch(variants[i].algorithm);
        if (state->algorithms[i] == NULL) {
            return -1;
        }
        state->types[i] = make_type(module, &variants[i]);
        if (state->types[i] == NULL || PyModule_AddType(module, state->types[i]) < 0) {
            return -1;
        }
    }
    return PyModule_AddStringConstant(module, "implementation", "OpenSSL");
}

static PyModuleDef_Slot sha3_slots[] = {
    {Py_mod_exec, sha3_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef sha3_module = {
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
