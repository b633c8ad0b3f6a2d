/* Where in an expression the operator is: the "^" among the "~" in tracebacks (PEP 657).
 *
 * The text of the expression is parsed again.  A binary operation is marked at its operator, a
 * subscription at its brackets; anything else has no such place.
 * Written from PEP 657 and observed behaviour of 3.12. */

#include "Python.h"
#include "pycore_ast.h"         // expr_ty
#include "pycore_parser.h"      // _PyParser_ASTFromString()
#include "pycore_pyarena.h"     // _PyArena_New()
#include "pycore_traceback.h"   // _Py_FindAnchors()

/* Byte offsets of the operator between two operands. */
static int
operator_range(const char *text, expr_ty expr, Py_ssize_t *left, Py_ssize_t *right)
{
    assert(expr->kind == BinOp_kind);
    expr_ty a = expr->v.BinOp.left, b = expr->v.BinOp.right;
    if (a->end_lineno != b->lineno) {
        return 0;
    }
    for (Py_ssize_t i = a->end_col_offset; i < b->col_offset; i++) {
        if (Py_ISSPACE(text[i]) || text[i] == ')') {
            continue;
        }
        *left = i;
        *right = i + 1;
        /* Operators have one or two characters. */
        if (i + 1 < b->col_offset && !Py_ISSPACE(text[i + 1]) && text[i + 1] != '(') {
            (*right)++;
        }
        return 1;
    }
    return 0;
}

/* Byte offsets of the brackets around an index. */
static int
brackets_range(const char *text, Py_ssize_t size, expr_ty expr, Py_ssize_t *left,
               Py_ssize_t *right)
{
    assert(expr->kind == Subscript_kind);
    Py_ssize_t start = expr->v.Subscript.value->end_col_offset;
    Py_ssize_t end = expr->v.Subscript.slice->end_col_offset;
    while (start < size && text[start] != '[') {
        start++;
    }
    while (end < size && text[end] != ']') {
        end++;
    }
    *left = start;
    *right = end < size ? end + 1 : size;
    return start < size;
}

static int
find_in_module(const char *text, Py_ssize_t size, mod_ty module, Py_ssize_t *left,
               Py_ssize_t *right)
{
    assert(module->kind == Module_kind);
    asdl_stmt_seq *body = module->v.Module.body;
    if (asdl_seq_LEN(body) != 1) {
        return 0;
    }
    stmt_ty statement = asdl_seq_GET(body, 0);
    if (statement->kind != Expr_kind) {
        return 0;
    }
    expr_ty expr = statement->v.Expr.value;
    if (expr->kind == BinOp_kind) {
        return operator_range(text, expr, left, right);
    }
    if (expr->kind == Subscript_kind) {
        return brackets_range(text, size, expr, left, right);
    }
    return 0;
}

static Py_ssize_t
characters(const char *text, Py_ssize_t bytes)
{
    Py_ssize_t n = 0;
    for (Py_ssize_t i = 0; i < bytes; i++) {
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return n;
}

int
_Py_FindAnchors(PyObject *segment, Py_ssize_t *left_end, Py_ssize_t *right_start)
{
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(segment, &size);
    if (text == NULL) {
        PyErr_Clear();
        return 0;
    }
    PyArena *arena = _PyArena_New();
    PyObject *filename = arena == NULL ? NULL : PyUnicode_FromString("<traceback>");
    if (filename == NULL) {
        if (arena != NULL) {
            _PyArena_Free(arena);
        }
        return -1;
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags |= PyCF_IGNORE_COOKIE;
    int found = 0;
    mod_ty module = _PyParser_ASTFromString(text, filename, Py_file_input, &flags, arena);
    if (module == NULL) {
        PyErr_Clear();          /* a part of a line need not be an expression */
    }
    else {
        Py_ssize_t left, right;
        found = find_in_module(text, size, module, &left, &right);
        if (found) {
            *left_end = characters(text, left);
            *right_start = characters(text, right);
        }
    }
    Py_DECREF(filename);
    _PyArena_Free(arena);
    return found;
}
