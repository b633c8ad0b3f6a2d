/* _codecs_hk: the codec big5hkscs of Hong Kong, where four texts of two characters have one code.
 *
 * Written from the set's name and observed behaviour; see multibytecodec.h.
 */
#include "multibytecodec.h"
#include "cjk/big5hkscs.h"

static const struct multibyte_codec hk_codecs[] = {
    {.name = "big5hkscs", .config = &big5hkscs,
     .encode = cjk_plain_encode, .decode = cjk_plain_decode},
    {NULL}
};

static PyObject *
hk_getcodec(PyObject *Py_UNUSED(module), PyObject *name)
{
    return cjk_getcodec(hk_codecs, name);
}

static PyMethodDef hk_functions[] = {
    {"getcodec", hk_getcodec, METH_O, NULL},
    {NULL}
};

static PyModuleDef_Slot hk_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef hk_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_codecs_hk",
    .m_size = 0,
    .m_methods = hk_functions,
    .m_slots = hk_slots,
};

PyMODINIT_FUNC
PyInit__codecs_hk(void)
{
    return PyModuleDef_Init(&hk_module);
}
