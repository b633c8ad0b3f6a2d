/* _symtable: the compiler's symbol tables for the symtable module.
   Written from the library reference (symtable) and what the stdlib's symtable.py uses. */

#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_parser.h"      // _PyParser_ASTFromString()
#include "pycore_compile.h"     // _PyFuture_FromAST()
#include "pycore_pyarena.h"     // _PyArena_New()
#include "pycore_strings.h"
#include "pycore_symtable.h"

#include "sig/_symtable.sig.h"

/* The entry of the module block; NULL with an exception. */
static PyObject *
build_table(const char *source, PyObject *filename, int start, PyCompilerFlags *flags)
{
    PyArena *arena = _PyArena_New();
    if (arena == NULL) {
        return NULL;
    }
    PyObject *top = NULL;
    PyFutureFeatures future;
    mod_ty mod = _PyParser_ASTFromString(source, filename, start, flags, arena);
    if (mod != NULL && _PyFuture_FromAST(mod, filename, &future)) {
        future.ff_features |= flags->cf_flags;
        struct symtable *st = _PySymtable_Build(mod, filename, &future);
        if (st != NULL) {
            top = Py_NewRef(st->st_top);
            _PySymtable_Free(st);
        }
    }
    _PyArena_Free(arena);
    return top;
}

/*sig _symtable.symtable(module, source, filename: fsdecoded, startstr: utf8, /)

Return symbol and scope dictionaries used internally by compiler.
*/
static PyObject *
_symtable_symtable_impl(PyObject *Py_UNUSED(module), PyObject *source, PyObject *filename,
                        const char *startstr)
{
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    PyObject *copy = NULL, *result = NULL;
    int start;
    flags.cf_flags = PyCF_SOURCE_IS_UTF8;
    const char *text = _Py_SourceAsString(source, "symtable", "string or bytes", &flags, &copy);
    if (text == NULL) {
        return NULL;
    }
    if (strcmp(startstr, "exec") == 0) {
        start = Py_file_input;
    }
    else if (strcmp(startstr, "eval") == 0) {
        start = Py_eval_input;
    }
    else if (strcmp(startstr, "single") == 0) {
        start = Py_single_input;
    }
    else {
        PyErr_SetString(PyExc_ValueError,
                        "symtable() arg 3 must be 'exec' or 'eval' or 'single'");
        goto done;
    }
    result = build_table(text, filename, start, &flags);
done:
    Py_XDECREF(copy);
    return result;
}

static _Py_SHARED PyMethodDef symtable_methods[] = {
    _SYMTABLE_SYMTABLE_METHODDEF
    {NULL, NULL, 0, NULL},
};

static const struct {
    const char *name;
    int value;
} constants[] = {
    {"USE", USE},
    {"DEF_GLOBAL", DEF_GLOBAL},
    {"DEF_NONLOCAL", DEF_NONLOCAL},
    {"DEF_LOCAL", DEF_LOCAL},
    {"DEF_PARAM", DEF_PARAM},
    {"DEF_FREE", DEF_FREE},
    {"DEF_FREE_CLASS", DEF_FREE_CLASS},
    {"DEF_IMPORT", DEF_IMPORT},
    {"DEF_BOUND", DEF_LOCAL | DEF_PARAM | DEF_IMPORT},
    {"DEF_ANNOT", DEF_ANNOT},
    {"TYPE_FUNCTION", FunctionBlock},
    {"TYPE_CLASS", ClassBlock},
    {"TYPE_MODULE", ModuleBlock},
    {"TYPE_ANNOTATION", AnnotationBlock},
    {"TYPE_TYPE_VAR_BOUND", TypeVarBoundBlock},
    {"TYPE_TYPE_ALIAS", TypeAliasBlock},
    {"TYPE_TYPE_PARAM", TypeParamBlock},
    {"LOCAL", LOCAL},
    {"GLOBAL_EXPLICIT", GLOBAL_EXPLICIT},
    {"GLOBAL_IMPLICIT", GLOBAL_IMPLICIT},
    {"FREE", FREE},
    {"CELL", CELL},
    {"SCOPE_OFF", SCOPE_OFFSET},
    {"SCOPE_MASK", SCOPE_MASK},
};

static int
symtable_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
            return -1;
        }
    }
    return 0;
}

static _Py_SHARED PyModuleDef_Slot symtable_slots[] = {
    {Py_mod_exec, symtable_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

_Py_SHARED static struct PyModuleDef symtable_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_symtable",
    .m_methods = symtable_methods,
    .m_slots = symtable_slots,
};

PyMODINIT_FUNC
PyInit__symtable(void)
{
    return PyModuleDef_Init(&symtable_module);
}
