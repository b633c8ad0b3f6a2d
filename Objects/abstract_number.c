/* The number protocol.
 *
 * A binary operation asks the left operand's slot, then the right one's; the right one comes
 * first if its type is a subtype of the left one's with another slot.  Py_NotImplemented moves
 * on.  Slots are named by their offset in PyNumberMethods.
 * Written from the C API reference (number protocol), the language reference (emulating
 * numeric types) and the messages of CPython 3.12. */

#include "Python.h"
#include "pycore_abstract.h"    // _PyIndex_Check()
#include "pycore_call.h"        // _PyObject_CallNoArgs()
#include "pycore_object.h"      // _PyObject_LookupSpecial()
#include "pycore_strings.h"     // _Py_ID()

#define TYPE_NAME(O) (Py_TYPE(O)->tp_name)

#define NB_SLOT(NAME) offsetof(PyNumberMethods, NAME)
#define NB_BINOP(NB, SLOT) (*(binaryfunc *)((char *)(NB) + (SLOT)))
#define NB_TERNOP(NB, SLOT) (*(ternaryfunc *)((char *)(NB) + (SLOT)))

int
PyNumber_Check(PyObject *o)
{
    if (o == NULL) {
        return 0;
    }
    PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;
    return nb != NULL && (nb->nb_index || nb->nb_int || nb->nb_float || PyComplex_Check(o));
}

int
PyIndex_Check(PyObject *obj)
{
    return _PyIndex_Check(obj);
}


/* ------------------------------------------------------------ binary operations */

static inline binaryfunc
binary_slot(PyObject *o, size_t slot)
{
    PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;
    return nb != NULL ? NB_BINOP(nb, slot) : NULL;
}

/* The result, NULL with an exception, or Py_NotImplemented (new reference). */
static PyObject *
binary_op1(PyObject *v, PyObject *w, size_t slot)
{
    assert(v != NULL && w != NULL);
    assert(slot < sizeof(PyNumberMethods));
    binaryfunc slotv = binary_slot(v, slot);
    binaryfunc slotw = Py_IS_TYPE(w, Py_TYPE(v)) ? NULL : binary_slot(w, slot);
    if (slotw == slotv) {
        slotw = NULL;
    }
    if (slotv != NULL) {
        if (slotw != NULL && PyType_IsSubtype(Py_TYPE(w), Py_TYPE(v))) {
            PyObject *x = slotw(v, w);
            if (x != Py_NotImplemented) {
                return x;
            }
            Py_DECREF(x);
            slotw = NULL;
        }
        PyObject *x = slotv(v, w);
        if (x != Py_NotImplemented) {
            return x;
        }
        Py_DECREF(x);
    }
    if (slotw != NULL) {
        PyObject *x = slotw(v, w);
        if (x != Py_NotImplemented) {
            return x;
        }
        Py_DECREF(x);
    }
    return Py_NewRef(Py_NotImplemented);
}

static PyObject *
binop_type_error(PyObject *v, PyObject *w, const char *op_name)
{
    /* print >> file, from Python 2. */
    int is_print = strcmp(op_name, ">>") == 0 && PyCFunction_CheckExact(v)
        && strcmp(((PyCFunctionObject *)v)->m_ml->ml_name, "print") == 0;
    PyErr_Format(PyExc_TypeError, is_print
                 ? "unsupported operand type(s) for %.100s: '%.100s' and '%.100s'. "
                   "Did you mean \"print(<message>, file=<output_stream>)\"?"
                 : "unsupported operand type(s) for %.100s: '%.100s' and '%.100s'",
                 op_name, TYPE_NAME(v), TYPE_NAME(w));
    return NULL;
}

static PyObject *
binary_op(PyObject *v, PyObject *w, size_t slot, const char *op_name)
{
    PyObject *result = binary_op1(v, w, slot);
    if (result == Py_NotImplemented) {
        Py_DECREF(result);
        return binop_type_error(v, w, op_name);
    }
    return result;
}

/* The in-place slot of v alone, then the plain operation. */
static PyObject *
binary_iop1(PyObject *v, PyObject *w, size_t islot, size_t slot)
{
    binaryfunc inplace = binary_slot(v, islot);
    if (inplace != NULL) {
        PyObject *x = inplace(v, w);
        if (x != Py_NotImplemented) {
            return x;
        }
        Py_DECREF(x);
    }
    return binary_op1(v, w, slot);
}

static PyObject *
binary_iop(PyObject *v, PyObject *w, size_t islot, size_t slot, const char *op_name)
{
    PyObject *result = binary_iop1(v, w, islot, slot);
    if (result == Py_NotImplemented) {
        Py_DECREF(result);
        return binop_type_error(v, w, op_name);
    }
    return result;
}

PyObject *
_PyNumber_TryAdd(PyObject *v, PyObject *w, int inplace)
{
    return inplace ? binary_iop1(v, w, NB_SLOT(nb_inplace_add), NB_SLOT(nb_add))
                   : binary_op1(v, w, NB_SLOT(nb_add));
}

PyObject *
_PyNumber_TryMultiply(PyObject *v, PyObject *w, int inplace)
{
    return inplace ? binary_iop1(v, w, NB_SLOT(nb_inplace_multiply), NB_SLOT(nb_multiply))
                   : binary_op1(v, w, NB_SLOT(nb_multiply));
}

#define BINARY(NAME, SLOT, TEXT)                                                \
    PyObject *                                                                  \
    PyNumber_##NAME(PyObject *v, PyObject *w)                                   \
    {                                                                           \
        return binary_op(v, w, NB_SLOT(nb_##SLOT), TEXT);                       \
    }

#define INPLACE(NAME, SLOT, TEXT)                                               \
    PyObject *                                                                  \
    PyNumber_InPlace##NAME(PyObject *v, PyObject *w)                            \
    {                                                                           \
        return binary_iop(v, w, NB_SLOT(nb_inplace_##SLOT), NB_SLOT(nb_##SLOT), TEXT); \
    }

BINARY(Or, or, "|")
BINARY(Xor, xor, "^")
BINARY(And, and, "&")
BINARY(Lshift, lshift, "<<")
BINARY(Rshift, rshift, ">>")
BINARY(Subtract, subtract, "-")
BINARY(Divmod, divmod, "divmod()")
BINARY(MatrixMultiply, matrix_multiply, "@")
BINARY(FloorDivide, floor_divide, "//")
BINARY(TrueDivide, true_divide, "/")
BINARY(Remainder, remainder, "%")

INPLACE(Or, or, "|=")
INPLACE(Xor, xor, "^=")
INPLACE(And, and, "&=")
INPLACE(Lshift, lshift, "<<=")
INPLACE(Rshift, rshift, ">>=")
INPLACE(Subtract, subtract, "-=")
INPLACE(MatrixMultiply, matrix_multiply, "@=")
INPLACE(FloorDivide, floor_divide, "//=")
INPLACE(TrueDivide, true_divide, "/=")
INPLACE(Remainder, remainder, "%=")


/* --------------------------------------- + and *, which sequences implement too */

PyObject *
PyNumber_Add(PyObject *v, PyObject *w)
{
    PyObject *result = binary_op1(v, w, NB_SLOT(nb_add));
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    PySequenceMethods *seq = Py_TYPE(v)->tp_as_sequence;
    if (seq != NULL && seq->sq_concat != NULL) {
        return seq->sq_concat(v, w);
    }
    return binop_type_error(v, w, "+");
}

PyObject *
PyNumber_InPlaceAdd(PyObject *v, PyObject *w)
{
    PyObject *result = binary_iop1(v, w, NB_SLOT(nb_inplace_add), NB_SLOT(nb_add));
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    PySequenceMethods *seq = Py_TYPE(v)->tp_as_sequence;
    if (seq != NULL) {
        binaryfunc concat = seq->sq_inplace_concat != NULL ? seq->sq_inplace_concat
                                                           : seq->sq_concat;
        if (concat != NULL) {
            return concat(v, w);
        }
    }
    return binop_type_error(v, w, "+=");
}

static PyObject *
sequence_repeat(ssizeargfunc repeat, PyObject *seq, PyObject *n)
{
    if (!_PyIndex_Check(n)) {
        PyErr_Format(PyExc_TypeError, "can't multiply sequence by non-int of type '%.200s'",
                     TYPE_NAME(n));
        return NULL;
    }
    assert(repeat != NULL);
    Py_ssize_t count = PyNumber_AsSsize_t(n, PyExc_OverflowError);
    if (count == -1 && PyErr_Occurred()) {
        return NULL;
    }
    return repeat(seq, count);
}

PyObject *
PyNumber_Multiply(PyObject *v, PyObject *w)
{
    PyObject *result = binary_op1(v, w, NB_SLOT(nb_multiply));
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    PySequenceMethods *mv = Py_TYPE(v)->tp_as_sequence;
    PySequenceMethods *mw = Py_TYPE(w)->tp_as_sequence;
    if (mv != NULL && mv->sq_repeat != NULL) {
        return sequence_repeat(mv->sq_repeat, v, w);
    }
    if (mw != NULL && mw->sq_repeat != NULL) {
        return sequence_repeat(mw->sq_repeat, w, v);
    }
    return binop_type_error(v, w, "*");
}

PyObject *
PyNumber_InPlaceMultiply(PyObject *v, PyObject *w)
{
    PyObject *result = binary_iop1(v, w, NB_SLOT(nb_inplace_multiply), NB_SLOT(nb_multiply));
    if (result != Py_NotImplemented) {
        return result;
    }
    Py_DECREF(result);
    PySequenceMethods *mv = Py_TYPE(v)->tp_as_sequence;
    PySequenceMethods *mw = Py_TYPE(w)->tp_as_sequence;
    if (mv != NULL) {
        ssizeargfunc repeat = mv->sq_inplace_repeat != NULL ? mv->sq_inplace_repeat
                                                            : mv->sq_repeat;
        if (repeat != NULL) {
            return sequence_repeat(repeat, v, w);
        }
    }
    else if (mw != NULL && mw->sq_repeat != NULL) {
        /* The right operand is not the target: never in place. */
        return sequence_repeat(mw->sq_repeat, w, v);
    }
    return binop_type_error(v, w, "*=");
}


/* ----------------------------------------------------------------------- power */

static inline ternaryfunc
ternary_slot(PyObject *o, size_t slot)
{
    PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;
    return nb != NULL ? NB_TERNOP(nb, slot) : NULL;
}

static PyObject *
ternary_type_error(PyObject *v, PyObject *w, PyObject *z, const char *op_name)
{
    if (z == Py_None) {
        PyErr_Format(PyExc_TypeError,
                     "unsupported operand type(s) for %.100s: '%.100s' and '%.100s'",
                     op_name, TYPE_NAME(v), TYPE_NAME(w));
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "unsupported operand type(s) for %.100s: '%.100s', '%.100s', '%.100s'",
                     op_name, TYPE_NAME(v), TYPE_NAME(w), TYPE_NAME(z));
    }
    return NULL;
}

/* Tries the slots of v, w and z, each function once. */
static PyObject *
ternary_op(PyObject *v, PyObject *w, PyObject *z, size_t slot, const char *op_name)
{
    assert(v != NULL && w != NULL && z != NULL);
    ternaryfunc slotv = ternary_slot(v, slot);
    ternaryfunc slotw = Py_IS_TYPE(w, Py_TYPE(v)) ? NULL : ternary_slot(w, slot);
    if (slotw == slotv) {
        slotw = NULL;
    }
    ternaryfunc slotz = ternary_slot(z, slot);
    if (slotz == slotv || slotz == slotw) {
        slotz = NULL;
    }
    ternaryfunc order[3] = {slotv, slotw, slotz};
    if (slotv != NULL && slotw != NULL && PyType_IsSubtype(Py_TYPE(w), Py_TYPE(v))) {
        order[0] = slotw;
        order[1] = slotv;
    }
    for (int i = 0; i < 3; i++) {
        if (order[i] != NULL) {
            PyObject *x = order[i](v, w, z);
            if (x != Py_NotImplemented) {
                return x;
            }
            Py_DECREF(x);
        }
    }
    return ternary_type_error(v, w, z, op_name);
}

PyObject *
PyNumber_Power(PyObject *v, PyObject *w, PyObject *z)
{
    return ternary_op(v, w, z, NB_SLOT(nb_power), "** or pow()");
}

PyObject *
PyNumber_InPlacePower(PyObject *v, PyObject *w, PyObject *z)
{
    ternaryfunc inplace = ternary_slot(v, NB_SLOT(nb_inplace_power));
    if (inplace != NULL) {
        PyObject *x = inplace(v, w, z);
        if (x != Py_NotImplemented) {
            return x;
        }
        Py_DECREF(x);
    }
    return ternary_op(v, w, z, NB_SLOT(nb_power), "**=");
}


/* ------------------------------------------------------------- unary operations */

#define UNARY(NAME, SLOT, TEXT)                                                 \
    PyObject *                                                                  \
    PyNumber_##NAME(PyObject *o)                                                \
    {                                                                           \
        if (o == NULL) {                                                        \
            return _PyAbstract_NullError();                                     \
        }                                                                       \
        PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;                         \
        if (nb != NULL && nb->SLOT != NULL) {                                   \
            return nb->SLOT(o);                                                 \
        }                                                                       \
        PyErr_Format(PyExc_TypeError, "bad operand type for " TEXT ": '%.200s'", TYPE_NAME(o)); \
        return NULL;                                                            \
    }

UNARY(Negative, nb_negative, "unary -")
UNARY(Positive, nb_positive, "unary +")
UNARY(Invert, nb_invert, "unary ~")
UNARY(Absolute, nb_absolute, "abs()")


/* ----------------------------------------------------------------- conversions */

/* An instance of a strict subclass of int (from a slot) is still accepted, with a warning. */
static int
check_int_result(PyObject *result, const char *method)
{
    assert(result != NULL && !PyErr_Occurred());
    if (PyLong_CheckExact(result)) {
        return 0;
    }
    if (!PyLong_Check(result)) {
        PyErr_Format(PyExc_TypeError, "%s returned non-int (type %.200s)", method,
                     TYPE_NAME(result));
        return -1;
    }
    return PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                            "%s returned non-int (type %.200s).  The ability to return an "
                            "instance of a strict subclass of int is deprecated, and may be "
                            "removed in a future version of Python.",
                            method, TYPE_NAME(result));
}

/* An int or instance of a subclass. */
PyObject *
_PyNumber_Index(PyObject *item)
{
    if (item == NULL) {
        return _PyAbstract_NullError();
    }
    if (PyLong_Check(item)) {
        return Py_NewRef(item);
    }
    if (!_PyIndex_Check(item)) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object cannot be interpreted as an integer",
                     TYPE_NAME(item));
        return NULL;
    }
    PyObject *result = Py_TYPE(item)->tp_as_number->nb_index(item);
    if (result != NULL && check_int_result(result, "__index__") < 0) {
        Py_CLEAR(result);
    }
    return result;
}

/* Gives up `result` for an exact int of the same value. */
static PyObject *
exact_int(PyObject *result)
{
    assert(result == NULL || PyLong_Check(result));
    if (result != NULL && !PyLong_CheckExact(result)) {
        Py_SETREF(result, _PyLong_Copy((PyLongObject *)result));
    }
    return result;
}

PyObject *
PyNumber_Index(PyObject *item)
{
    return exact_int(_PyNumber_Index(item));
}

/* The value, clipped if err is NULL, else -1 with that exception when it does not fit. */
Py_ssize_t
PyNumber_AsSsize_t(PyObject *item, PyObject *err)
{
    PyObject *value = _PyNumber_Index(item);
    if (value == NULL) {
        return -1;
    }
    Py_ssize_t result = PyLong_AsSsize_t(value);
    if (result == -1 && PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Clear();
        if (err == NULL) {
            result = _PyLong_Sign(value) < 0 ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX;
        }
        else {
            PyErr_Format(err, "cannot fit '%.200s' into an index-sized integer",
                         TYPE_NAME(item));
        }
    }
    Py_DECREF(value);
    return result;
}

/* int(o) by __trunc__, which is deprecated; *found says whether there is one. */
static PyObject *
long_from_trunc(PyObject *o, int *found)
{
    PyObject *trunc = _PyObject_LookupSpecial(o, &_Py_ID(__trunc__));
    *found = trunc != NULL || PyErr_Occurred();
    if (trunc == NULL) {
        return NULL;
    }
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "The delegation of int() to __trunc__ is deprecated.", 1) < 0)
    {
        Py_DECREF(trunc);
        return NULL;
    }
    PyObject *result = _PyObject_CallNoArgs(trunc);
    Py_DECREF(trunc);
    if (result == NULL || PyLong_CheckExact(result)) {
        return result;
    }
    if (PyLong_Check(result)) {
        return exact_int(result);
    }
    if (!_PyIndex_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__trunc__ returned non-Integral (type %.200s)",
                     TYPE_NAME(result));
        Py_DECREF(result);
        return NULL;
    }
    Py_SETREF(result, PyNumber_Index(result));
    return result;
}

/* int(o) for text; *found says whether it is. */
static PyObject *
long_from_text(PyObject *o, int *found)
{
    *found = 1;
    if (PyUnicode_Check(o)) {
        return PyLong_FromUnicodeObject(o, 10);
    }
    if (PyBytes_Check(o)) {
        return _PyLong_FromBytes(PyBytes_AS_STRING(o), PyBytes_GET_SIZE(o), 10);
    }
    if (PyByteArray_Check(o)) {
        return _PyLong_FromBytes(PyByteArray_AS_STRING(o), PyByteArray_GET_SIZE(o), 10);
    }
    Py_buffer view;
    if (PyObject_CheckBuffer(o) && PyObject_GetBuffer(o, &view, PyBUF_SIMPLE) == 0) {
        /* The number must be terminated, which a buffer is not. */
        PyObject *bytes = PyBytes_FromStringAndSize((const char *)view.buf, view.len);
        PyObject *result = NULL;
        if (bytes != NULL) {
            result = _PyLong_FromBytes(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes), 10);
            Py_DECREF(bytes);
        }
        PyBuffer_Release(&view);
        return result;
    }
    *found = 0;
    return NULL;
}

PyObject *
PyNumber_Long(PyObject *o)
{
    if (o == NULL) {
        return _PyAbstract_NullError();
    }
    if (PyLong_CheckExact(o)) {
        return Py_NewRef(o);
    }
    PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;
    if (nb != NULL && nb->nb_int != NULL) {
        PyObject *result = nb->nb_int(o);
        if (result != NULL && check_int_result(result, "__int__") < 0) {
            Py_CLEAR(result);
        }
        return exact_int(result);
    }
    if (nb != NULL && nb->nb_index != NULL) {
        return PyNumber_Index(o);
    }
    int found;
    PyObject *result = long_from_trunc(o, &found);
    if (!found) {
        result = long_from_text(o, &found);
    }
    if (!found) {
        PyErr_Format(PyExc_TypeError,
                     "int() argument must be a string, a bytes-like object or a real number, "
                     "not '%.200s'", TYPE_NAME(o));
    }
    return result;
}

/* float(o) by __float__. */
static PyObject *
float_from_slot(PyObject *o)
{
    assert(Py_TYPE(o)->tp_as_number->nb_float != NULL);
    PyObject *result = Py_TYPE(o)->tp_as_number->nb_float(o);
    if (result == NULL || PyFloat_CheckExact(result)) {
        return result;
    }
    if (!PyFloat_Check(result)) {
        PyErr_Format(PyExc_TypeError, "%.50s.__float__ returned non-float (type %.50s)",
                     TYPE_NAME(o), TYPE_NAME(result));
        Py_DECREF(result);
        return NULL;
    }
    if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                         "%.50s.__float__ returned non-float (type %.50s).  The ability to "
                         "return an instance of a strict subclass of float is deprecated, and "
                         "may be removed in a future version of Python.",
                         TYPE_NAME(o), TYPE_NAME(result)) < 0)
    {
        Py_DECREF(result);
        return NULL;
    }
    double value = PyFloat_AS_DOUBLE(result);
    Py_DECREF(result);
    return PyFloat_FromDouble(value);
}

PyObject *
PyNumber_Float(PyObject *o)
{
    if (o == NULL) {
        return _PyAbstract_NullError();
    }
    if (PyFloat_CheckExact(o)) {
        return Py_NewRef(o);
    }
    PyNumberMethods *nb = Py_TYPE(o)->tp_as_number;
    if (nb != NULL && nb->nb_float != NULL) {
        return float_from_slot(o);
    }
    if (nb != NULL && nb->nb_index != NULL) {
        PyObject *index = _PyNumber_Index(o);
        if (index == NULL) {
            return NULL;
        }
        double value = PyLong_AsDouble(index);
        Py_DECREF(index);
        return value == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(value);
    }
    if (PyFloat_Check(o)) {     /* a subclass that took __float__ away */
        return PyFloat_FromDouble(PyFloat_AS_DOUBLE(o));
    }
    return PyFloat_FromString(o);
}

PyObject *
PyNumber_ToBase(PyObject *n, int base)
{
    if (!(base == 2 || base == 8 || base == 10 || base == 16)) {
        PyErr_SetString(PyExc_SystemError, "PyNumber_ToBase: base must be 2, 8, 10 or 16");
        return NULL;
    }
    PyObject *index = _PyNumber_Index(n);
    if (index == NULL) {
        return NULL;
    }
    PyObject *result = _PyLong_Format(index, base);
    Py_DECREF(index);
    return result;
}

/* Converter for arguments: None keeps the value. */
int
_Py_convert_optional_to_ssize_t(PyObject *obj, void *result)
{
    if (obj == Py_None) {
        return 1;
    }
    if (!_PyIndex_Check(obj)) {
        PyErr_Format(PyExc_TypeError, "argument should be integer or None, not '%.200s'",
                     TYPE_NAME(obj));
        return 0;
    }
    Py_ssize_t limit = PyNumber_AsSsize_t(obj, PyExc_OverflowError);
    if (limit == -1 && PyErr_Occurred()) {
        return 0;
    }
    *(Py_ssize_t *)result = limit;
    return 1;
}
