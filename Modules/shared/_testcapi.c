/* _testcapi: the C API as Python functions, for CPython's regression tests.
 *
 * Each file in testcapi/ is about one part of the API and adds its names to the module; wrap.h says
 * how most of them are made.  The module is compiled like an extension: it sees the public headers
 * only.  What is left out stands in InternalDocs/capi.rst.
 *
 * Written from the C API reference and from what CPython's regression tests call and expect.
 */
#include "testcapi/parts.h"

#define ADD_PART(name) _TestCapi_Add##name,
static int (*const parts[])(PyObject *) = {TESTCAPI_PARTS(ADD_PART)};
#undef ADD_PART

static int
testcapi_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(parts); i++) {
        if (parts[i](module) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyModuleDef_Slot testcapi_slots[] = {
    {Py_mod_exec, testcapi_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef testcapi_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_testcapi",
    .m_size = sizeof(testcapi_state),
    .m_slots = testcapi_slots,
};

PyMODINIT_FUNC
PyInit__testcapi(void)
{
    return PyModuleDef_Init(&testcapi_module);
}
