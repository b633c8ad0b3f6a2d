/* _opcode: facts about opcodes for the opcode and dis modules.
   Written from the library reference (dis) and observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_opcode_utils.h"    // _PyOpcode_StackEffect()
#include "pycore_strings.h"

#include "sig/_opcode.sig.h"

/* Pseudo opcodes have an argument if the real ones that they stand for have. */
static int
has_argument(int opcode)
{
    if (opcode >= MIN_PSEUDO_OPCODE && opcode <= MAX_PSEUDO_OPCODE) {
        return !_PyOpcode_IsBlockPush(opcode) && opcode != POP_BLOCK;
    }
    return opcode >= HAVE_ARGUMENT;
}

/*sig _opcode.stack_effect(module, opcode: int, oparg=None, /, *, jump=None) -> int

Compute the stack effect of the opcode.
*/
static int
_opcode_stack_effect_impl(PyObject *Py_UNUSED(module), int opcode, PyObject *oparg,
                          PyObject *jump)
{
    int arg = 0, jump_mode;
    if (has_argument(opcode)) {
        if (oparg == Py_None) {
            PyErr_SetString(PyExc_ValueError,
                            "stack_effect: opcode requires oparg but oparg was not specified");
            return -1;
        }
        arg = (int)PyLong_AsLong(oparg);
        if (arg == -1 && PyErr_Occurred()) {
            return -1;
        }
    }
    else if (oparg != Py_None) {
        PyErr_SetString(PyExc_ValueError,
                        "stack_effect: opcode does not permit oparg but oparg was specified");
        return -1;
    }
    if (jump == Py_None) {
        jump_mode = -1;
    }
    else if (jump == Py_True) {
        jump_mode = 1;
    }
    else if (jump == Py_False) {
        jump_mode = 0;
    }
    else {
        PyErr_SetString(PyExc_ValueError, "stack_effect: jump must be False, True or None");
        return -1;
    }
    int effect = PyCompile_OpcodeStackEffectWithJump(opcode, arg, jump_mode);
    if (effect == PY_INVALID_STACK_EFFECT) {
        PyErr_SetString(PyExc_ValueError, "invalid opcode or oparg");
        return -1;
    }
    return effect;
}

/*sig _opcode.get_specialization_stats(module)

Return the specialization stats
*/
static PyObject *
_opcode_get_specialization_stats_impl(PyObject *Py_UNUSED(module))
{
    Py_RETURN_NONE;     /* counted only in special builds of CPython, never here */
}

static _Py_SHARED PyMethodDef opcode_methods[] = {
    _OPCODE_STACK_EFFECT_METHODDEF
    _OPCODE_GET_SPECIALIZATION_STATS_METHODDEF
    {NULL, NULL, 0, NULL},
};

static _Py_SHARED PyModuleDef_Slot opcode_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

_Py_SHARED static struct PyModuleDef opcode_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_opcode",
    .m_doc = "Opcode support module.",
    .m_methods = opcode_methods,
    .m_slots = opcode_slots,
};

PyMODINIT_FUNC
PyInit__opcode(void)
{
    return PyModuleDef_Init(&opcode_module);
}
