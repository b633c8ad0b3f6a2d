/* _contextvars: the types of Python/context.c for the contextvars module.
 * Written from PEP 567 and the library reference (contextvars). */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED

#include "sig/_contextvars.sig.h"

/*sig _contextvars.copy_context(module)
*/
static PyObject *
_contextvars_copy_context_impl(PyObject *Py_UNUSED(module))
{
    return PyContext_CopyCurrent();
}

static _Py_SHARED PyMethodDef contextvars_methods[] = {
    _CONTEXTVARS_COPY_CONTEXT_METHODDEF
    {NULL, NULL, 0, NULL}
};

static int
contextvars_exec(PyObject *module)
{
    return PyModule_AddType(module, &PyContext_Type) < 0
           || PyModule_AddType(module, &PyContextVar_Type) < 0
           || PyModule_AddType(module, &PyContextToken_Type) < 0 ? -1 : 0;
}

static _Py_SHARED PyModuleDef_Slot contextvars_slots[] = {
    {Py_mod_exec, contextvars_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef contextvars_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_contextvars",
    .m_doc = "Context Variables",
    .m_methods = contextvars_methods,
    .m_slots = contextvars_slots,
};

PyMODINIT_FUNC
PyInit__contextvars(void)
{
    return PyModuleDef_Init(&contextvars_module);
}
