/* _testcapi: bytes and bytearray.
 *
 * Written from the C API reference ("Bytes Objects", "Byte Array Objects").
 */
#include "wrap.h"
#include "parts.h"

static PyObject *
bytes_from_data(y_ARG data, Py_ssize_t size)
{
    return PyBytes_FromStringAndSize(data.start, size);
}

static PyObject *
bytearray_from_data(y_ARG data, Py_ssize_t size)
{
    return PyByteArray_FromStringAndSize(data.start, size);
}

/* (data[, size]): what `from` makes of the data; all of them if no size is given. */
static PyObject *
from_string_and_size(const char *name, PyObject *const *args, Py_ssize_t nargs,
                     PyObject *(*from)(y_ARG, Py_ssize_t))
{
    y_ARG data;
    if (!right_count(name, nargs, 1, 2) || !y_from(args[0], &data)) {
        return NULL;
    }
    Py_ssize_t size = data.size;
    if (nargs == 2 && !n_from(args[1], &size)) {
        return NULL;
    }
    return from(data, size);
}

WRAPPER(bytes_fromstringandsize)
{
    return from_string_and_size("bytes_fromstringandsize", args, nargs, bytes_from_data);
}

WRAPPER(bytearray_fromstringandsize)
{
    return from_string_and_size("bytearray_fromstringandsize", args, nargs, bytearray_from_data);
}

/* The first `size` bytes of what C sees, the NUL behind the last one included. */
static PyObject *
bytes_as_string(PyObject *object, Py_ssize_t size)
{
    const char *start = PyBytes_AsString(object);
    return start == NULL ? NULL : PyBytes_FromStringAndSize(start, size);
}

static PyObject *
bytearray_as_string(PyObject *object, Py_ssize_t size)
{
    const char *start = PyByteArray_AsString(object);
    return start == NULL ? NULL : PyBytes_FromStringAndSize(start, size);
}

static PyObject *
bytes_as_string_and_size(PyObject *object, Py_ssize_t size)
{
    char *start;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(object, &start, &length) < 0) {
        return NULL;
    }
    return Py_BuildValue("(y#n)", start, size, length);
}

static PyObject *
bytes_as_string_and_no_size(PyObject *object, Py_ssize_t size)
{
    char *start;
    if (PyBytes_AsStringAndSize(object, &start, NULL) < 0) {
        return NULL;
    }
    return PyBytes_FromStringAndSize(start, size);
}

/* The object that PyBytes_Concat() gets to own: `left` itself, or a bytes object that nobody else
 * has a reference to.  `left` may be NULL; -1 with an exception. */
static int
left_operand(PyObject *left, int fresh, PyObject **result)
{
    if (!fresh || left == NULL) {
        *result = Py_XNewRef(left);
        return 0;
    }
    char *start;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(left, &start, &size) < 0) {
        return -1;
    }
    *result = PyBytes_FromStringAndSize(start, size);
    return *result == NULL ? -1 : 0;
}

static PyObject *
concat(PyObject *left, PyObject *right, int fresh)
{
    PyObject *result;
    if (left_operand(left, fresh, &result) < 0) {
        return NULL;
    }
    PyBytes_Concat(&result, right);
    return object_result(result, Py_None);
}

static PyObject *
concat_and_del(PyObject *left, PyObject *right, int fresh)
{
    PyObject *result;
    if (left_operand(left, fresh, &result) < 0) {
        return NULL;
    }
    PyBytes_ConcatAndDel(&result, Py_XNewRef(right));
    return object_result(result, Py_None);
}

WRAPPER(bytes_decodeescape)
{
    y_ARG data;
    s_ARG errors;
    if (!right_count("bytes_decodeescape", nargs, 1, 3) || !y_from(args[0], &data)
        || !s_from(argument(args, nargs, 1), &errors)) {
        return NULL;
    }
    Py_ssize_t size = data.size;
    if (nargs == 3 && !n_from(args[2], &size)) {
        return NULL;
    }
    return PyBytes_DecodeEscape(data.start, size, errors, 0, NULL);
}

#define BYTES_CALLS(X) \
    X(1, bytes_check, int, PyBytes_Check, P) \
    X(1, bytes_checkexact, int, PyBytes_CheckExact, P) \
    X(1, bytes_fromstring, object, PyBytes_FromString, s) \
    X(1, bytes_fromobject, object, PyBytes_FromObject, O) \
    X(1, bytes_size, size, PyBytes_Size, O) \
    X(2, bytes_asstring, object, bytes_as_string, O, n) \
    X(2, bytes_asstringandsize, object, bytes_as_string_and_size, O, n) \
    X(2, bytes_asstringandsize_null, object, bytes_as_string_and_no_size, O, n) \
    X(2, bytes_repr, object, PyBytes_Repr, O, i) \
    X(3, bytes_concat, object, concat, O, O, opti) \
    X(3, bytes_concatanddel, object, concat_and_del, O, O, opti) \
    X(1, bytearray_check, int, PyByteArray_Check, P) \
    X(1, bytearray_checkexact, int, PyByteArray_CheckExact, P) \
    X(1, bytearray_fromobject, object, PyByteArray_FromObject, O) \
    X(1, bytearray_size, size, PyByteArray_Size, O) \
    X(2, bytearray_asstring, object, bytearray_as_string, O, n) \
    X(2, bytearray_concat, object, PyByteArray_Concat, O, O) \
    X(2, bytearray_resize, int, PyByteArray_Resize, O, n)

BYTES_CALLS(WRAP)

static PyMethodDef bytes_methods[] = {
    BYTES_CALLS(WRAP_ROW)
    WRAP_ROW(2, bytes_fromstringandsize)
    WRAP_ROW(2, bytearray_fromstringandsize)
    WRAP_ROW(3, bytes_decodeescape)
    {NULL}
};

int
_TestCapi_AddBytes(PyObject *module)
{
    return PyModule_AddFunctions(module, bytes_methods);
}
