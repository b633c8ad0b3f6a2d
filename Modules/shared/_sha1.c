/* The module _sha1: SHA-1, by libcrypto (evp.h). */
#include "Python.h"
#include "pycore_signature.h"
#include "evp.h"

typedef struct {
    PyTypeObject *type;
    EVP_MD *md;
} sha1_state;

#include "sig/_sha1.sig.h"

static inline sha1_state *
get_state(PyObject *module)
{
    sha1_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* --- Objects ---------------------------------------------------------------------------------- */

/*sig SHA1Type.copy(self)

Return a copy of the hash object.
*/
static PyObject *
SHA1Type_copy_impl(EVPobject *self)
{
    return evp_copy(self);
}

/*sig SHA1Type.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
SHA1Type_digest_impl(EVPobject *self)
{
    return evp_digest(self);
}

/*sig SHA1Type.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
SHA1Type_hexdigest_impl(EVPobject *self)
{
    return evp_hexdigest(self);
}

/*sig SHA1Type.update(self, obj, /) -> None

Update this hash object's state with the provided string.
*/
static int
SHA1Type_update_impl(EVPobject *self, PyObject *obj)
{
    return evp_hash(self, obj);
}

static PyMethodDef sha1_methods[] = {
    SHA1TYPE_COPY_METHODDEF
    SHA1TYPE_DIGEST_METHODDEF
    SHA1TYPE_HEXDIGEST_METHODDEF
    SHA1TYPE_UPDATE_METHODDEF
    {NULL}
};

static PyObject *
sha1_get_name(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyUnicode_FromString("sha1");
}

static PyGetSetDef sha1_getset[] = {
    {"block_size", evp_get_block_size, NULL, NULL, NULL},
    {"name", sha1_get_name, NULL, NULL, NULL},
    {"digest_size", evp_get_digest_size, NULL, NULL, NULL},
    {NULL}
};

static PyType_Slot sha1_type_slots[] = {
    {Py_tp_dealloc, evp_dealloc},
    {Py_tp_methods, sha1_methods},
    {Py_tp_getset, sha1_getset},
    {Py_tp_traverse, evp_traverse},
    {0, NULL}
};

static PyType_Spec sha1_spec = {
    .name = "_sha1.sha1",
    .basicsize = sizeof(EVPobject),
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
    return evp_new(get_state(module)->type, get_state(module)->md, string);
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
    EVP_MD_free(get_state(module)->md);
}

static int
sha1_exec(PyObject *module)
{
    sha1_state *state = get_state(module);
    state->md = evp_fetch("SHA-1");
    if (state->md == NULL) {
        return -1;
    }
    state->type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &sha1_spec, NULL);
    return state->type != NULL
           ? PyModule_AddObjectRef(module, "SHA1Type", (PyObject *)state->type) : -1;
}

static PyModuleDef_Slot sha1_slots[] = {
    {Py_mod_exec, sha1_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef sha1_module = {
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
