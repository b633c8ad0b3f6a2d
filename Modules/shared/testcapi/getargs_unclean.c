/* _testcapi: "s#" in a file that does not define PY_SSIZE_T_CLEAN, which 3.10 stopped to support.
 *
 * Written from the C API reference ("Parsing arguments and building values").
 */
#include "Python.h"
#include "parts.h"

/* (buffer, [text, x]): must raise and release the buffer. */
static PyObject *
parse(PyObject *args, PyObject *kwargs, const char *format)
{
    static const char *const names[] = {"", "", "x", NULL};
    Py_buffer buffer = {NULL};
    const char *text;
    int size, x = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, format, (char **)names, &buffer, &text, &size,
                                     &x)) {
        return NULL;
    }
    PyBuffer_Release(&buffer);
    Py_RETURN_NONE;
}

static PyObject *
getargs_s_hash_int(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    return parse(args, kwargs, "w*|s#i");
}

static PyObject *
getargs_s_hash_int2(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    return parse(args, kwargs, "w*|(s#)i");
}

static PyMethodDef unclean_methods[] = {
    {"getargs_s_hash_int", _PyCFunction_CAST(getargs_s_hash_int), METH_VARARGS | METH_KEYWORDS,
     NULL},
    {"getargs_s_hash_int2", _PyCFunction_CAST(getargs_s_hash_int2), METH_VARARGS | METH_KEYWORDS,
     NULL},
    {NULL}
};

int
_TestCapi_AddGetargsUnclean(PyObject *module)
{
    return PyModule_AddFunctions(module, unclean_methods);
}
