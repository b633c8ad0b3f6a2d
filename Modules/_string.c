/* The module _string: cutting of format strings for string.Formatter. */
#include "Python.h"
#include "pycore_object.h"          // _Py_SHARED
#include "pycore_unicode.h"         // _PyUnicode_FormatterParser

static PyObject *
formatter_parser(PyObject *Py_UNUSED(module), PyObject *format)
{
    return _PyUnicode_FormatterParser(format);
}

static PyObject *
formatter_field_name_split(PyObject *Py_UNUSED(module), PyObject *name)
{
    return _PyUnicode_FormatterFieldNameSplit(name);
}

static PyMethodDef string_methods[] = {
    {"formatter_field_name_split", formatter_field_name_split, METH_O,
     PyDoc_STR("split the argument as a field name")},
    {"formatter_parser", formatter_parser, METH_O,
     PyDoc_STR("parse the argument as a format string")},
    {NULL}
};

static PyModuleDef_Slot string_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef string_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_string",
    .m_doc = PyDoc_STR("string helper module"),
    .m_methods = string_methods,
    .m_slots = string_slots,
};

PyMODINIT_FUNC
PyInit__string(void)
{
    return PyModuleDef_Init(&string_module);
}
