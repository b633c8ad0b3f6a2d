/* The module _typing: what typing takes from C.
 *
 * Written from the library reference (typing), PEP 695.
 */
#include "Python.h"
#include "pycore_interp.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_pystate.h"     // _PyInterpreterState_GET()
#include "pycore_typevarobject.h"

#include "sig/_typing.sig.h"

/*sig _typing._idfunc(module, x, /)
*/
static PyObject *
_typing__idfunc_impl(PyObject *Py_UNUSED(module), PyObject *x)
{
    return Py_NewRef(x);
}

static _Py_SHARED PyMethodDef typing_methods[] = {
    _TYPING__IDFUNC_METHODDEF
    {NULL}
};

static int
typing_exec(PyObject *module)
{
    PyObject *generic = _Py_GetGenericType(_PyInterpreterState_GET());
    if (generic == NULL) {
        return -1;
    }
    const struct {
        const char *name;
        PyObject *value;
    } rows[] = {
        {"TypeVar", (PyObject *)&_PyTypeVar_Type},
        {"TypeVarTuple", (PyObject *)&_PyTypeVarTuple_Type},
        {"ParamSpec", (PyObject *)&_PyParamSpec_Type},
        {"ParamSpecArgs", (PyObject *)&_PyParamSpecArgs_Type},
        {"ParamSpecKwargs", (PyObject *)&_PyParamSpecKwargs_Type},
        {"Generic", generic},
        {"TypeAliasType", (PyObject *)&_PyTypeAlias_Type},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(rows); i++) {
        if (PyModule_AddObjectRef(module, rows[i].name, rows[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static _Py_SHARED PyModuleDef_Slot typing_slots[] = {
    {Py_mod_exec, typing_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef typing_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_typing",
    .m_doc = PyDoc_STR("Accelerators for the typing module.\n"),
    .m_size = 0,
    .m_methods = typing_methods,
    .m_slots = typing_slots,
};

PyMODINIT_FUNC
PyInit__typing(void)
{
    return PyModuleDef_Init(&typing_module);
}
