/* The module _md5: MD5, by libcrypto (evp.h). */
#include "Python.h"
#include "pycore_signature.h"
#include "evp.h"

typedef struct {
    PyTypeObject *type;
    EVP_MD *md;
} md5_state;

#include "sig/_md5.sig.h"

static inline md5_state *
get_state(PyObject *module)
{
    md5_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* --- Objects ---------------------------------------------------------------------------------- */

/*sig MD5Type.copy(self)

Return a copy of the hash object.
*/
static PyObject *
MD5Type_copy_impl(EVPobject *self)
{
    return evp_copy(self);
}

/*sig MD5Type.digest(self)

Return the digest value as a bytes object.
*/
static PyObject *
MD5Type_digest_impl(EVPobject *self)
{
    return evp_digest(self);
}

/*sig MD5Type.hexdigest(self)

Return the digest value as a string of hexadecimal digits.
*/
static PyObject *
MD5Type_hexdigest_impl(EVPobject *self)
{
    return evp_hexdigest(self);
}

/*sig MD5Type.update(self, obj, /) -> None

Update this hash object's state with the provided string.
*/
static int
MD5Type_update_impl(EVPobject *self, PyObject *obj)
{
    return evp_hash(self, obj);
}

static PyMethodDef md5_methods[] = {
    MD5TYPE_COPY_METHODDEF
    MD5TYPE_DIGEST_METHODDEF
    MD5TYPE_HEXDIGEST_METHODDEF
    MD5TYPE_UPDATE_METHODDEF
    {NULL}
};

static PyObject *
md5_get_name(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyUnicode_FromString("md5");
}

static PyGetSetDef md5_getset[] = {
    {"block_size", evp_get_block_size, NULL, NULL, NULL},
    {"name", md5_get_name, NULL, NULL, NULL},
    {"digest_size", evp_get_digest_size, NULL, NULL, NULL},
    {NULL}
};

static PyType_Slot md5_type_slots[] = {
    {Py_tp_dealloc, evp_dealloc},
    {Py_tp_methods, md5_methods},
    {Py_tp_getset, md5_getset},
    {Py_tp_traverse, evp_traverse},
    {0, NULL}
};

static PyType_Spec md5_spec = {
    .name = "_md5.md5",
    .basicsize = sizeof(EVPobject),
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
    return evp_new(get_state(module)->type, get_state(module)->md, string);
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
    EVP_MD_free(get_state(module)->md);
}

static int
md5_exec(PyObject *module)
{
    md5_state *state = get_state(module);
    state->md = evp_fetch("MD5");
    if (state->md == NULL) {
        return -1;
    }
    state->type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &md5_spec, NULL);
    return state->type != NULL
           ? PyModule_AddObjectRef(module, "MD5Type", (PyObject *)state->type) : -1;
}

static PyModuleDef_Slot md5_slots[] = {
    {Py_mod_exec, md5_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef md5_module = {
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
