/* The module _sre: what the package re is built on.
 *
 * Written from the package re, which is its only user, and observation.
 */
#include "sre.h"

#include "sig/_sre.sig.h"

static inline sre_module *
get_state(PyObject *module)
{
    sre_module *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/*sig _sre.getcodesize(module) -> int
*/
static int
_sre_getcodesize_impl(PyObject *Py_UNUSED(module))
{
    return (int)sizeof(sre_code);
}

/*sig _sre.ascii_iscased(module, character: int, /) -> bool
*/
static int
_sre_ascii_iscased_impl(PyObject *Py_UNUSED(module), int character)
{
    return ((unsigned int)character | 32) - 'a' < 26u;
}

/*sig _sre.unicode_iscased(module, character: int, /) -> bool
*/
static int
_sre_unicode_iscased_impl(PyObject *Py_UNUSED(module), int character)
{
    Py_UCS4 ch = (Py_UCS4)character;
    return ch <= 0x10ffff && (Py_UNICODE_TOLOWER(ch) != ch || Py_UNICODE_TOUPPER(ch) != ch);
}

/*sig _sre.ascii_tolower(module, character: int, /) -> object
*/
static PyObject *
_sre_ascii_tolower_impl(PyObject *Py_UNUSED(module), int character)
{
    return PyLong_FromLong((int)_PySre_AsciiLower((Py_UCS4)character));
}

/*sig _sre.unicode_tolower(module, character: int, /) -> object
*/
static PyObject *
_sre_unicode_tolower_impl(PyObject *Py_UNUSED(module), int character)
{
    Py_UCS4 ch = (Py_UCS4)character;
    return PyLong_FromLong(ch <= 0x10ffff ? (int)Py_UNICODE_TOLOWER(ch) : character);
}

/*sig _sre.compile(module, pattern, flags: int, code: list, groups: ssize, groupindex: dict,
                   indexgroup: tuple)
*/
static PyObject *
_sre_compile_impl(PyObject *module, PyObject *pattern, int flags, PyObject *code,
                  Py_ssize_t groups, PyObject *groupindex, PyObject *indexgroup)
{
    return _PySre_NewPattern(get_state(module), pattern, flags, code, groups, groupindex,
                             indexgroup);
}

/*sig _sre.template(module, pattern, template: list, /)


  template
    A list containing interleaved literal strings (str or bytes) and group
    indices (int), as returned by re._parser.parse_template():
        [literal1, group1, ..., literalN, groupN]
*/
static PyObject *
_sre_template_impl(PyObject *module, PyObject *Py_UNUSED(pattern), PyObject *template)
{
    return _PySre_NewTemplate(get_state(module), template);
}

static _Py_SHARED PyMethodDef sre_methods[] = {
    _SRE_COMPILE_METHODDEF
    _SRE_TEMPLATE_METHODDEF
    _SRE_GETCODESIZE_METHODDEF
    _SRE_ASCII_ISCASED_METHODDEF
    _SRE_UNICODE_ISCASED_METHODDEF
    _SRE_ASCII_TOLOWER_METHODDEF
    _SRE_UNICODE_TOLOWER_METHODDEF
    {NULL}
};

static int
add_type(PyObject *module, PyType_Spec *spec, PyTypeObject **type)
{
    assert(*type == NULL);
    *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    return *type == NULL ? -1 : 0;
}

static int
add_number(PyObject *module, const char *name, unsigned long value)
{
    PyObject *number = PyLong_FromUnsignedLong(value);
    int res = PyModule_AddObjectRef(module, name, number);
    Py_XDECREF(number);
    return res;
}

static int
sre_exec(PyObject *module)
{
    sre_module *state = get_state(module);
    if (add_type(module, &_PySre_PatternSpec, &state->pattern_type) < 0
        || add_type(module, &_PySre_MatchSpec, &state->match_type) < 0
        || add_type(module, &_PySre_ScannerSpec, &state->scanner_type) < 0
        || add_type(module, &_PySre_TemplateSpec, &state->template_type) < 0) {
        return -1;
    }
    if (add_number(module, "MAGIC", SRE_MAGIC) < 0
        || add_number(module, "CODESIZE", sizeof(sre_code)) < 0
        || add_number(module, "MAXREPEAT", SRE_MAXREPEAT) < 0
        || add_number(module, "MAXGROUPS", (unsigned long)SRE_MAXGROUPS) < 0) {
        return -1;
    }
    return PyModule_AddStringConstant(module, "copyright",
                                      " SRE 2.2.2 Copyright (c) 2026 by the Ladon authors ");
}

static int
sre_traverse(PyObject *module, visitproc visit, void *arg)
{
    sre_module *state = get_state(module);
    Py_VISIT(state->pattern_type);
    Py_VISIT(state->match_type);
    Py_VISIT(state->scanner_type);
    Py_VISIT(state->template_type);
    Py_VISIT(state->compile_template);
    return 0;
}

static int
sre_clear(PyObject *module)
{
    sre_module *state = get_state(module);
    Py_CLEAR(state->pattern_type);
    Py_CLEAR(state->match_type);
    Py_CLEAR(state->scanner_type);
    Py_CLEAR(state->template_type);
    Py_CLEAR(state->compile_template);
    return 0;
}

static void
sre_free(void *module)
{
    (void)sre_clear((PyObject *)module);
}

static _Py_SHARED PyModuleDef_Slot sre_slots[] = {
    {Py_mod_exec, sre_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef sre_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sre",
    .m_size = sizeof(sre_module),
    .m_methods = sre_methods,
    .m_slots = sre_slots,
    .m_traverse = sre_traverse,
    .m_clear = sre_clear,
    .m_free = sre_free,
};

PyMODINIT_FUNC
PyInit__sre(void)
{
    return PyModuleDef_Init(&sre_def);
}
