/* `from __future__ import ...`: which features a module switches on.
   Written from: the language reference, "Future statements"; the `__future__` module; PEP 236. */

#include "Python.h"
#include "pycore_ast.h"         // stmt_ty
#include "pycore_compile.h"     // _PyFuture_FromAST()

static const struct {
    const char *name;
    int flag;       /* 0: the feature is always on */
} features[] = {
    {"nested_scopes", 0},
    {"generators", 0},
    {"division", 0},
    {"absolute_import", 0},
    {"with_statement", 0},
    {"print_function", 0},
    {"unicode_literals", 0},
    {"barry_as_FLUFL", CO_FUTURE_BARRY_AS_BDFL},
    {"generator_stop", 0},
    {"annotations", CO_FUTURE_ANNOTATIONS},
};

static int
check_features(PyFutureFeatures *future, stmt_ty s, PyObject *filename)
{
    asdl_alias_seq *names = s->v.ImportFrom.names;
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(names); i++) {
        alias_ty a = asdl_seq_GET(names, i);
        const char *name = PyUnicode_AsUTF8(a->name);
        if (name == NULL) {
            return 0;
        }
        size_t k = 0;
        while (k < Py_ARRAY_LENGTH(features) && strcmp(name, features[k].name) != 0) {
            k++;
        }
        if (k < Py_ARRAY_LENGTH(features)) {
            future->ff_features |= features[k].flag;
            continue;
        }
        if (strcmp(name, "braces") == 0) {
            PyErr_SetString(PyExc_SyntaxError, "not a chance");
        }
        else {
            PyErr_Format(PyExc_SyntaxError, "future feature %.100s is not defined", name);
        }
        PyErr_SyntaxLocationObject(filename, s->lineno, s->col_offset + 1);
        return 0;
    }
    return 1;
}

static int
is_string_stmt(stmt_ty s)
{
    return s->kind == Expr_kind && s->v.Expr.value->kind == Constant_kind
           && PyUnicode_CheckExact(s->v.Expr.value->v.Constant.value);
}

/* Fill *future from the statements at the start of the module: a docstring, then future imports.
   ff_location is that of the last one; a later one is refused by the compiler. */
int
_PyFuture_FromAST(mod_ty mod, PyObject *filename, PyFutureFeatures *future)
{
    asdl_stmt_seq *body;
    future->ff_features = 0;
    future->ff_location = (_PyCompilerSrcLocation){-1, -1, -1, -1};
    if (mod->kind == Module_kind) {
        body = mod->v.Module.body;
    }
    else if (mod->kind == Interactive_kind) {
        body = mod->v.Interactive.body;
    }
    else {
        return 1;
    }
    for (Py_ssize_t i = 0; i < asdl_seq_LEN(body); i++) {
        stmt_ty s = asdl_seq_GET(body, i);
        if (s->kind == ImportFrom_kind && s->v.ImportFrom.level == 0
            && s->v.ImportFrom.module != NULL
            && _PyUnicode_EqualToASCIIString(s->v.ImportFrom.module, "__future__"))
        {
            if (!check_features(future, s, filename)) {
                return 0;
            }
            future->ff_location = (_PyCompilerSrcLocation){
                s->lineno, s->end_lineno, s->col_offset, s->end_col_offset};
        }
        else if (i > 0 || !is_string_stmt(s)) {
            break;
        }
    }
    return 1;
}
