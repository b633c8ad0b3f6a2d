/* The _ast module: the node classes and the flags of compile() that concern trees. */

#include "Python.h"
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_ast_tables.h"      // _PyAST_State

static int
ast_exec(PyObject *module)
{
    struct ast_state *state = _PyAST_State();
    if (state == NULL
        || PyModule_AddObjectRef(module, "AST", state->AST_type) < 0
        || PyModule_AddIntMacro(module, PyCF_ALLOW_TOP_LEVEL_AWAIT) < 0
        || PyModule_AddIntMacro(module, PyCF_ONLY_AST) < 0
        || PyModule_AddIntMacro(module, PyCF_TYPE_COMMENTS) < 0)
    {
        return -1;
    }
    for (int id = 0; id < AST_CLASS_COUNT; id++) {
        if (PyModule_AddObjectRef(module, _PyAST_classes[id].name, state->types[id]) < 0) {
            return -1;
        }
    }
    return 0;
}

static const PyModuleDef_Slot ast_slots[] = {
    {Py_mod_exec, ast_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static _Py_SHARED struct PyModuleDef ast_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_ast",
    .m_size = 0,
    .m_slots = (PyModuleDef_Slot *)ast_slots,
};

PyMODINIT_FUNC
PyInit__ast(void)
{
    return PyModuleDef_Init(&ast_module);
}
