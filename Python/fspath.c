/* os.fspath() for C code.
 * Written from PEP 519 and the C API reference (PyOS_FSPath). */
#include "Python.h"
#include "pycore_object.h"      // _PyObject_LookupSpecial()
#include "pycore_strings.h"     // _Py_ID()

/* A str or bytes: new reference, or NULL with an error. */
PyObject *
PyOS_FSPath(PyObject *path)
{
    if (PyUnicode_Check(path) || PyBytes_Check(path)) {
        return Py_NewRef(path);
    }
    PyObject *func = _PyObject_LookupSpecial(path, &_Py_ID(__fspath__));
    if (func == NULL || func == Py_None) {
        Py_XDECREF(func);
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError,
                         "expected str, bytes or os.PathLike object, not %.200s",
                         Py_TYPE(path)->tp_name);
        }
        return NULL;
    }
    PyObject *result = PyObject_CallNoArgs(func);
    Py_DECREF(func);
    if (result == NULL || PyUnicode_Check(result) || PyBytes_Check(result)) {
        return result;
    }
    PyErr_Format(PyExc_TypeError, "expected %.200s.__fspath__() to return str or bytes, not %.200s",
                 Py_TYPE(path)->tp_name, Py_TYPE(result)->tp_name);
    Py_DECREF(result);
    return NULL;
}
