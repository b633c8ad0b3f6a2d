/* _codecs_tw: the codecs big5 and cp950 of Taiwan.
 *
 * Written from the sets' names and observed behaviour; see multibytecodec.h.
 */
#include "multibytecodec.h"
#include "cjk/big5.h"
#include "cjk/cp950.h"

static const struct multibyte_codec tw_codecs[] = {
    {.name = "big5", .config = &big5, .encode = cjk_plain_encode, .decode = cjk_plain_decode},
    {.name = "cp950", .config = &cp950, .encode = cjk_plain_encode, .decode = cjk_plain_decode},
    {NULL}
};

static PyObject *
tw_getcodec(PyObject *Py_UNUSED(module), PyObject *name)
{
    return cjk_getcodec(tw_codecs, name);
}

static PyMethodDef tw_functions[] = {
    {"getcodec", tw_getcodec, METH_O, NULL},
    {NULL}
};

static PyModuleDef_Slot tw_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef tw_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_codecs_tw",
    .m_size = 0,
    .m_methods = tw_functions,
    .m_slots = tw_slots,
};

PyMODINIT_FUNC
PyInit__codecs_tw(void)
{
    return PyModuleDef_Init(&tw_module);
}
