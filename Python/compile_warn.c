/* Warnings about expressions that cannot work or do not mean what they look like.
   Written from observing 3.12's SyntaxWarnings. */

#include "Python.h"
#include "pycore_codegen.h"

/* Type of the value of a literal, display or lambda; NULL if unknown. */
static PyTypeObject *
infer_type(expr_ty e)
{
    switch (e->kind) {
    case Tuple_kind:
        return &PyTuple_Type;
    case List_kind:
    case ListComp_kind:
        return &PyList_Type;
    case Dict_kind:
    case DictComp_kind:
        return &PyDict_Type;
    case Set_kind:
    case SetComp_kind:
        return &PySet_Type;
    case GeneratorExp_kind:
        return &PyGen_Type;
    case Lambda_kind:
        return &PyFunction_Type;
    case JoinedStr_kind:
    case FormattedValue_kind:
        return &PyUnicode_Type;
    case Constant_kind:
        return Py_TYPE(e->v.Constant.value);
    default:
        return NULL;
    }
}

void
_PyCg_CheckCaller(struct compiler *c, expr_ty e)
{
    switch (e->kind) {
    case Constant_kind:
    case Tuple_kind:
    case List_kind:
    case ListComp_kind:
    case Dict_kind:
    case DictComp_kind:
    case Set_kind:
    case SetComp_kind:
    case GeneratorExp_kind:
    case JoinedStr_kind:
    case FormattedValue_kind:
        _PyCg_Warn(c, LOC(e), "'%.200s' object is not callable; perhaps you missed a comma?",
                   infer_type(e)->tp_name);
        break;
    default:
        break;
    }
}

void
_PyCg_CheckSubscripter(struct compiler *c, expr_ty e)
{
    switch (e->kind) {
    case Constant_kind: {
        PyObject *v = e->v.Constant.value;
        if (!(v == Py_None || v == Py_Ellipsis || PyLong_Check(v) || PyFloat_Check(v)
              || PyComplex_Check(v) || PyAnySet_Check(v)))
        {
            return;
        }
        break;
    }
    case Set_kind:
    case SetComp_kind:
    case GeneratorExp_kind:
    case Lambda_kind:
        break;
    default:
        return;
    }
    _PyCg_Warn(c, LOC(e), "'%.200s' object is not subscriptable; perhaps you missed a comma?",
               infer_type(e)->tp_name);
}

void
_PyCg_CheckIndex(struct compiler *c, expr_ty e, expr_ty s)
{
    PyTypeObject *index_type = infer_type(s);
    if (index_type == NULL || PyType_FastSubclass(index_type, Py_TPFLAGS_LONG_SUBCLASS)
        || index_type == &PySlice_Type)
    {
        return;
    }
    switch (e->kind) {
    case Constant_kind: {
        PyObject *v = e->v.Constant.value;
        if (!(PyUnicode_Check(v) || PyBytes_Check(v) || PyTuple_Check(v))) {
            return;
        }
        break;
    }
    case Tuple_kind:
    case List_kind:
    case ListComp_kind:
    case JoinedStr_kind:
    case FormattedValue_kind:
        break;
    default:
        return;
    }
    _PyCg_Warn(c, LOC(e), "%.200s indices must be integers or slices, not %.200s; "
               "perhaps you missed a comma?", infer_type(e)->tp_name, index_type->tp_name);
}

/* A literal whose identity means nothing. */
static int
is_plain_literal(expr_ty e)
{
    if (e->kind == Constant_kind) {
        PyObject *v = e->v.Constant.value;
        return !(v == Py_None || v == Py_False || v == Py_True || v == Py_Ellipsis);
    }
    return e->kind == Tuple_kind || e->kind == JoinedStr_kind || e->kind == FormattedValue_kind;
}

void
_PyCg_CheckCompare(struct compiler *c, expr_ty e)
{
    expr_ty left = e->v.Compare.left;
    assert(e->kind == Compare_kind);
    for (Py_ssize_t i = 0; !c->failed && i < asdl_seq_LEN(e->v.Compare.ops); i++) {
        cmpop_ty op = (cmpop_ty)asdl_seq_GET(e->v.Compare.ops, i);
        expr_ty right = asdl_seq_GET(e->v.Compare.comparators, i);
        if (op == Is || op == IsNot) {
            expr_ty literal = is_plain_literal(left) ? left
                              : is_plain_literal(right) ? right : NULL;
            if (literal != NULL) {
                _PyCg_Warn(c, LOC(e), op == Is
                           ? "\"is\" with '%.200s' literal. Did you mean \"==\"?"
                           : "\"is not\" with '%.200s' literal. Did you mean \"!=\"?",
                           infer_type(literal)->tp_name);
            }
        }
        left = right;
    }
}
