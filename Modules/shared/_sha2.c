/* The module _sha2: SHA-224, SHA-256, SHA-384 and SHA-512, by libcrypto (evp.h).
 *
 * All four types have one structure; as in 3.12, SHA-224 shares the methods of SHA-256 and SHA-384
 * those of SHA-512.
 */
#include "Python.h"
#include "pycore_signature.h"
#include "evp.h"

enum {SHA224, SHA256, SHA384, SHA512, ALGORITHMS};

typedef struct {
    PyTypeObject *types[ALGORITHMS];
    EVP_MD *algorithms[ALGORITHMS];
} sha2_state;

static inline sha2_state *
get_state(PyObject *module)
{
    sha2_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

#include "sig/_sha2.sig.h"

static PyObject *
sha2_get_name(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromFormat("sha%d", evp_size((EVPobject *)self) * 8);
}

/* --- SHA256Type and its shorter form ---------------------------------------------------------- */

/*sig SHA256Type.copy(self)

Return a copy of the hash object.
*/
static PyObject *
SHA256Type_copy_impl(EVPobject *self)
{
    return evp_copy(self);
}

/*sig SHA256Type.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
SHA256Type_digest_impl(EVPobject *self)
{
    return evp_digest(self);
}

/*sig SHA256Type.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
SHA256Type_hexdigest_impl(EVPobject *self)
{
    return evp_hexdigest(self);
}

/*sig SHA256Type.update(self, obj, /) -> None

Update this hash object's state with the provided string.
*/
static int
SHA256Type_update_impl(EVPobject *self, PyObject *obj)
{
    return evp_hash(self, obj);
}

static PyMethodDef sha256_methods[] = {
    SHA256TYPE_COPY_METHODDEF
    SHA256TYPE_DIGEST_METHODDEF
    SHA256TYPE_HEXDIGEST_METHODDEF
    SHA256TYPE_UPDATE_METHODDEF
    {NULL}
};

static PyGetSetDef sha256_getset[] = {
    {"block_size", evp_get_block_size, NULL, NULL, NULL},
    {"name", sha2_get_name, NULL, NULL, NULL},
    {"digest_size", evp_get_digest_size, NULL, NULL, NULL},
    {NULL}
};

static PyType_Slot sha256_slots[] = {
    {Py_tp_dealloc, evp_dealloc},
    {Py_tp_methods, sha256_methods},
    {Py_tp_getset, sha256_getset},
    {Py_tp_traverse, evp_traverse},
    {0, NULL}
};

/* --- SHA512Type and its shorter form ---------------------------------------------------------- */

/*sig SHA512Type.copy(self)

Return a copy of the hash object.
*/
static PyObject *
SHA512Type_copy_impl(EVPobject *self)
{
    return evp_copy(self);
}

/*sig SHA512Type.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
SHA512Type_digest_impl(EVPobject *self)
{
    return evp_digest(self);
}

/*sig SHA512Type.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
SHA512Type_hexdigest_impl(EVPobject *self)
{
    return evp_hexdigest(self);
}

/*sig SHA512Type.update(self, obj, /) -> None

Update this hash object's state with the provided string.
*/
static int
SHA512Type_update_impl(EVPobject *self, PyObject *obj)
{
    return evp_hash(self, obj);
}

static PyMethodDef sha512_methods[] = {
    SHA512TYPE_COPY_METHODDEF
    SHA512TYPE_DIGEST_METHODDEF
    SHA512TYPE_HEXDIGEST_METHODDEF
    SHA512TYPE_UPDATE_METHODDEF
    {NULL}
};

static PyGetSetDef sha512_getset[] = {
    {"block_size", evp_get_block_size, NULL, NULL, NULL},
    {"name", sha2_get_name, NULL, NULL, NULL},
    {"digest_size", evp_get_digest_size, NULL, NULL, NULL},
    {NULL}
};

static PyType_Slot sha512_slots[] = {
    {Py_tp_dealloc, evp_dealloc},
    {Py_tp_methods, sha512_methods},
    {Py_tp_getset, sha512_getset},
    {Py_tp_traverse, evp_traverse},
    {0, NULL}
};

#define SPEC(NAME, SLOTS) { \
    .name = NAME, \
    .basicsize = sizeof(EVPobject), \
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE \
             | Py_TPFLAGS_HAVE_GC, \
    .slots = SLOTS, \
}

/* By index; the types are made from these, the algorithms fetched by name. */
static PyType_Spec specs[ALGORITHMS] = {
    SPEC("_sha2.SHA224Type", sha256_slots), SPEC("_sha2.SHA256Type", sha256_slots),
    SPEC("_sha2.SHA384Type", sha512_slots), SPEC("_sha2.SHA512Type", sha512_slots),
};

static const char *const names[ALGORITHMS] = {"SHA2-224", "SHA2-256", "SHA2-384", "SHA2-512"};

/* --- Functions -------------------------------------------------------------------------------- */

static PyObject *
make_hash(PyObject *module, int which, PyObject *string)
{
    sha2_state *state = get_state(module);
    return evp_new(state->types[which], state->algorithms[which], string);
}

/*sig _sha2.sha224(module, string = b'', *, usedforsecurity: bool = True)

Return a new SHA-224 hash object; optionally initialized with a string.
*/
static PyObject *
_sha2_sha224_impl(PyObject *module, PyObject *string, int Py_UNUSED(usedforsecurity))
{
    return make_hash(module, SHA224, string);
}

/*sig _sha2.sha256(module, string = b'', *, usedforsecurity: bool = True)

Return a new SHA-256 hash object; optionally initialized with a string.
*/
static PyObject *
_sha2_sha256_impl(PyObject *module, PyObject *string, int Py_UNUSED(usedforsecurity))
{
    return make_hash(module, SHA256, string);
}

/*sig _sha2.sha384(module, string = b'', *, usedforsecurity: bool = True)

Return a new SHA-384 hash object; optionally initialized with a string.
*/
static PyObject *
_sha2_sha384_impl(PyObject *module, PyObject *string, int Py_UNUSED(usedforsecurity))
{
    return make_hash(module, SHA384, string);
}

/*sig _sha2.sha512(module, string = b'', *, usedforsecurity: bool = True)

Return a new SHA-512 hash object; optionally initialized with a string.
*/
static PyObject *
_sha2_sha512_impl(PyObject *module, PyObject *string, int Py_UNUSED(usedforsecurity))
{
    return make_hash(module, SHA512, string);
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
    for (int i = 0; i < ALGORITHMS; i++) {
        Py_VISIT(get_state(module)->types[i]);
    }
    return 0;
}

static int
sha2_module_clear(PyObject *module)
{
    for (int i = 0; i < ALGORITHMS; i++) {
        Py_CLEAR(get_state(module)->types[i]);
    }
    return 0;
}

static void
sha2_module_free(void *module)
{
    sha2_module_clear((PyObject *)module);
    for (int i = 0; i < ALGORITHMS; i++) {
        EVP_MD_free(get_state(module)->algorithms[i]);
    }
}

static int
sha2_exec(PyObject *module)
{
    sha2_state *state = get_state(module);
    for (int i = 0; i < ALGORITHMS; i++) {
        state->algorithms[i] = evp_fetch(names[i]);
        if (state->algorithms[i] == NULL) {
            return -1;
        }
        state->types[i] = (PyTypeObject *)PyType_FromModuleAndSpec(module, &specs[i], NULL);
        if (state->types[i] == NULL || PyModule_AddType(module, state->types[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot sha2_slots[] = {
    {Py_mod_exec, sha2_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef sha2_module = {
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
