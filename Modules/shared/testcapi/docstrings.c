/* _testcapi: functions whose docstrings have signatures of every kind, valid or not.
 *
 * Written from the documentation of inspect.signature() and the expected values in the tests.
 */
#include "wrap.h"
#include "parts.h"

static PyObject *
nothing(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args))
{
    Py_RETURN_NONE;
}

#define ROW(name, doc) {name, nothing, METH_VARARGS, doc}

static PyMethodDef docstring_methods[] = {
    ROW("no_docstring", NULL),
    ROW("docstring_empty", ""),
    ROW("docstring_no_signature", "This docstring has no signature."),
    ROW("docstring_with_invalid_signature",
        "docstring_with_invalid_signature($module, /, boo)\n"
        "\n"
        "This docstring has an invalid signature."),
    ROW("docstring_with_invalid_signature2",
        "docstring_with_invalid_signature2($module, /, boo)\n"
        "\n"
        "--\n"
        "\n"
        "This docstring also has an invalid signature."),
    ROW("docstring_with_signature",
        "docstring_with_signature($module, /, sig)\n"
        "--\n"
        "\n"
        "This docstring has a valid signature."),
    ROW("docstring_with_signature_but_no_doc",
        "docstring_with_signature_but_no_doc($module, /, sig)\n"
        "--\n"
        "\n"),
    ROW("docstring_with_signature_and_extra_newlines",
        "docstring_with_signature_and_extra_newlines($module, /, parameter)\n"
        "--\n"
        "\n"
        "\n"
        "This docstring has a valid signature and some extra newlines."),
    ROW("docstring_with_signature_with_defaults",
        "docstring_with_signature_with_defaults(module, s='avocado', b=b'bytes', d=3.14, i=35, "
        "n=None, t=True, f=False, local=the_number_three, sys=sys.maxsize, exp=sys.maxsize - 1)\n"
        "--\n"
        "\n"
        "Each default is of another type, or an expression."),
    ROW("test_with_docstring", "This is a pretty normal docstring."),
    {NULL}
};

int
_TestCapi_AddDocstrings(PyObject *module)
{
    if (PyModule_AddIntConstant(module, "the_number_three", 3) < 0) {
        return -1;
    }
    return PyModule_AddFunctions(module, docstring_methods);
}
