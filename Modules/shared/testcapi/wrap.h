/* What the parts of _testcapi share: how a C API function becomes a Python function in one line.
 *
 * A part lists its functions once, one row each,
 *
 *     #define LIST_CALLS(X) \
 *         X(2, list_append, int, PyList_Append, O, O) \
 *         X(3, list_insert, int, PyList_Insert, O, n, O)
 *
 * then `LIST_CALLS(WRAP)` defines the wrappers and `LIST_CALLS(WRAP_ROW)` is their rows in the
 * method table.  A row says: count of arguments, name in Python, kind of the result, function or
 * macro of the C API, kind of each argument.
 *
 * None as an argument stands for NULL wherever C takes a pointer: the tests call the C API with
 * NULL to see that it raises.  Whether it does, or crashes as documented, is the wrapped function's
 * affair.
 *
 * Written from the C API reference and from what CPython's regression tests call.
 */
#ifndef LADON_TESTCAPI_WRAP_H
#define LADON_TESTCAPI_WRAP_H

#define PY_SSIZE_T_CLEAN
#include "Python.h"

/* ---- arguments ----
 * For each kind K: the C type K_ARG, the converter K_from() (1, or 0 with an exception) and
 * K_REQUIRED, which is 0 if the argument may be missing: then it is converted from None. */

typedef PyObject *P_ARG;        /* an object as it is */
typedef PyObject *O_ARG;        /* an object; None is NULL */
typedef Py_ssize_t n_ARG;
typedef int i_ARG;
typedef unsigned int u_ARG;     /* a character: any unsigned int, valid or not */
typedef double d_ARG;
typedef Py_complex c_ARG;
typedef const char *s_ARG;      /* the bytes of a bytes or str object; None is NULL */
typedef struct {
    const char *start;
    Py_ssize_t size;
} y_ARG;                        /* the same, with their number */

typedef O_ARG optO_ARG;
typedef s_ARG opts_ARG;
typedef n_ARG optn_ARG;         /* -1 if missing */
typedef i_ARG opti_ARG;         /* 0 if missing */

enum {
    P_REQUIRED = 1, O_REQUIRED = 1, n_REQUIRED = 1, i_REQUIRED = 1, u_REQUIRED = 1, d_REQUIRED = 1,
    c_REQUIRED = 1, s_REQUIRED = 1, y_REQUIRED = 1,
    optO_REQUIRED = 0, opts_REQUIRED = 0, optn_REQUIRED = 0, opti_REQUIRED = 0,
};

static inline PyObject *
null_if_none(PyObject *object)
{
    return Py_IsNone(object) ? NULL : object;
}

static inline int
P_from(PyObject *object, P_ARG *value)
{
    *value = object;
    return 1;
}

static inline int
O_from(PyObject *object, O_ARG *value)
{
    *value = null_if_none(object);
    return 1;
}

static inline int
n_from(PyObject *object, n_ARG *value)
{
    *value = PyLong_AsSsize_t(null_if_none(object));
    return *value != -1 || !PyErr_Occurred();
}

static inline int
i_from(PyObject *object, i_ARG *value)
{
    *value = _PyLong_AsInt(object);
    return *value != -1 || !PyErr_Occurred();
}

static inline int
u_from(PyObject *object, u_ARG *value)
{
    *value = (unsigned int)PyLong_AsUnsignedLongMask(object);
    return *value != (unsigned int)-1 || !PyErr_Occurred();
}

static inline int
d_from(PyObject *object, d_ARG *value)
{
    *value = PyFloat_AsDouble(object);
    return *value != -1.0 || !PyErr_Occurred();
}

static inline int
c_from(PyObject *object, c_ARG *value)
{
    *value = PyComplex_AsCComplex(object);
    return value->real != -1.0 || !PyErr_Occurred();
}

static inline int
y_from(PyObject *object, y_ARG *value)
{
    if (Py_IsNone(object)) {
        *value = (y_ARG){NULL, 0};
        return 1;
    }
    if (PyUnicode_Check(object)) {
        value->start = PyUnicode_AsUTF8AndSize(object, &value->size);
        return value->start != NULL;
    }
    char *start;
    if (PyBytes_AsStringAndSize(object, &start, &value->size) < 0) {
        return 0;
    }
    value->start = start;
    return 1;
}

static inline int
s_from(PyObject *object, s_ARG *value)
{
    y_ARG data;
    if (!y_from(object, &data)) {
        return 0;
    }
    *value = data.start;
    return 1;
}

#define optO_from(object, value) O_from(object, value)
#define opts_from(object, value) s_from(object, value)

static inline int
optn_from(PyObject *object, optn_ARG *value)
{
    *value = -1;
    return Py_IsNone(object) || n_from(object, value);
}

static inline int
opti_from(PyObject *object, opti_ARG *value)
{
    *value = 0;
    return Py_IsNone(object) || i_from(object, value);
}

/* The argument at `index`, None if it is missing. */
static inline PyObject *
argument(PyObject *const *args, Py_ssize_t nargs, Py_ssize_t index)
{
    return index < nargs ? args[index] : Py_None;
}

/* 1 if the number of arguments is right; 0 with a TypeError. */
static inline int
right_count(const char *name, Py_ssize_t nargs, Py_ssize_t min, Py_ssize_t max)
{
    assert(min <= max);
    if (nargs < min || nargs > max) {
        PyErr_Format(PyExc_TypeError, "%s() takes from %zd to %zd arguments, got %zd",
                     name, min, max, nargs);
        return 0;
    }
    return 1;
}

/* ---- results ----
 * For each kind K the macro K_RESULT(call): a new reference, or NULL with the exception that the
 * call has raised. */

static inline PyObject *
integer_result(long long value)
{
    return value < 0 && PyErr_Occurred() ? NULL : PyLong_FromLongLong(value);
}

static inline PyObject *
unsigned_result(unsigned long long value, unsigned long long error)
{
    return value == error && PyErr_Occurred() ? NULL : PyLong_FromUnsignedLongLong(value);
}

static inline PyObject *
double_result(double value)
{
    return value == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(value);
}

/* Takes `object`; `absent` is the result where it is NULL although nothing was raised. */
static inline PyObject *
object_result(PyObject *object, PyObject *absent)
{
    return object == NULL && !PyErr_Occurred() ? Py_NewRef(absent) : object;
}

#define object_RESULT(call) (call)
#define borrowed_RESULT(call) Py_XNewRef(call)
/* A borrowed reference, which may be NULL without an exception. */
#define optional_RESULT(call) object_result(Py_XNewRef(call), Py_None)
#define none_RESULT(call) ((call), Py_NewRef(Py_None))
#define int_RESULT(call) integer_result(call)
#define size_RESULT(call) integer_result(call)
#define longlong_RESULT(call) integer_result(call)
#define char_RESULT(call) unsigned_result((call), (Py_UCS4)-1)
#define ulong_RESULT(call) unsigned_result((call), (unsigned long)-1)
#define ulonglong_RESULT(call) unsigned_result((call), (unsigned long long)-1)
#define double_RESULT(call) double_result(call)
/* A borrowed reference, or an exception type as the sign that nothing was found. */
#define item_RESULT(call) object_result(Py_XNewRef(call), PyExc_KeyError)
#define attribute_RESULT(call) object_result(Py_XNewRef(call), PyExc_AttributeError)

/* ---- wrappers ---- */

#define WRAPPER(name) \
    static PyObject * \
    name(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
#define GET(kind, index, variable) kind##_from(argument(args, nargs, index), &variable)

#define WRAP0(name, result, function) \
    WRAPPER(name) \
    { \
        (void)args; \
        return right_count(#name, nargs, 0, 0) ? result##_RESULT(function()) : NULL; \
    }

#define WRAP1(name, result, function, A) \
    WRAPPER(name) \
    { \
        A##_ARG a; \
        if (!right_count(#name, nargs, A##_REQUIRED, 1) || !GET(A, 0, a)) { \
            return NULL; \
        } \
        return result##_RESULT(function(a)); \
    }

#define WRAP2(name, result, function, A, B) \
    WRAPPER(name) \
    { \
        A##_ARG a; \
        B##_ARG b; \
        if (!right_count(#name, nargs, A##_REQUIRED + B##_REQUIRED, 2) \
            || !GET(A, 0, a) || !GET(B, 1, b)) { \
            return NULL; \
        } \
        return result##_RESULT(function(a, b)); \
    }

#define WRAP3(name, result, function, A, B, C) \
    WRAPPER(name) \
    { \
        A##_ARG a; \
        B##_ARG b; \
        C##_ARG c; \
        if (!right_count(#name, nargs, A##_REQUIRED + B##_REQUIRED + C##_REQUIRED, 3) \
            || !GET(A, 0, a) || !GET(B, 1, b) || !GET(C, 2, c)) { \
            return NULL; \
        } \
        return result##_RESULT(function(a, b, c)); \
    }

#define WRAP4(name, result, function, A, B, C, D) \
    WRAPPER(name) \
    { \
        A##_ARG a; \
        B##_ARG b; \
        C##_ARG c; \
        D##_ARG d; \
        if (!right_count(#name, nargs, \
                         A##_REQUIRED + B##_REQUIRED + C##_REQUIRED + D##_REQUIRED, 4) \
            || !GET(A, 0, a) || !GET(B, 1, b) || !GET(C, 2, c) || !GET(D, 3, d)) { \
            return NULL; \
        } \
        return result##_RESULT(function(a, b, c, d)); \
    }

#define WRAP5(name, result, function, A, B, C, D, E) \
    WRAPPER(name) \
    { \
        A##_ARG a; \
        B##_ARG b; \
        C##_ARG c; \
        D##_ARG d; \
        E##_ARG e; \
        if (!right_count(#name, nargs, A##_REQUIRED + B##_REQUIRED + C##_REQUIRED \
                                       + D##_REQUIRED + E##_REQUIRED, 5) \
            || !GET(A, 0, a) || !GET(B, 1, b) || !GET(C, 2, c) || !GET(D, 3, d) \
            || !GET(E, 4, e)) { \
            return NULL; \
        } \
        return result##_RESULT(function(a, b, c, d, e)); \
    }

#define WRAP(count, ...) WRAP##count(__VA_ARGS__)
#define WRAP_ROW(count, name, ...) {#name, _PyCFunction_CAST(name), METH_FASTCALL, NULL},

/* A constant table as PyArg_ParseTupleAndKeywords() takes it, which does not write to it. */
#define KEYWORDS(names) ((char **)(names))

/* Rows of functions that are written out. */
#define VARARGS_ROW(name) {#name, name, METH_VARARGS, NULL}
#define NOARGS_ROW(name) {#name, name, METH_NOARGS, NULL}
#define KEYWORDS_ROW(name) \
    {#name, _PyCFunction_CAST(name), METH_VARARGS | METH_KEYWORDS, NULL}

#endif
