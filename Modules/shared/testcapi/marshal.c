/* _testcapi: marshal to and from C files.
 *
 * Written from the C API reference ("Data marshalling support").
 */
#include "wrap.h"
#include "parts.h"
#include "marshal.h"

#include <stdio.h>

/* The file of that name, opened; NULL with an exception. */
static FILE *
open_file(PyObject *name, const char *mode)
{
    PyObject *encoded;
    if (!PyUnicode_FSConverter(name, &encoded)) {
        return NULL;
    }
    FILE *file = fopen(PyBytes_AS_STRING(encoded), mode);
    Py_DECREF(encoded);
    if (file == NULL) {
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
    }
    return file;
}

static PyObject *
write_long(PyObject *number, PyObject *name, int version)
{
    long value = PyLong_AsLong(number);
    FILE *file = value == -1 && PyErr_Occurred() ? NULL : open_file(name, "wb");
    if (file == NULL) {
        return NULL;
    }
    PyMarshal_WriteLongToFile(value, file, version);
    fclose(file);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *
write_object(PyObject *object, PyObject *name, int version)
{
    FILE *file = open_file(name, "wb");
    if (file == NULL) {
        return NULL;
    }
    PyMarshal_WriteObjectToFile(object, file, version);
    fclose(file);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *
short_in(FILE *file)
{
    int value = PyMarshal_ReadShortFromFile(file);
    return integer_result(value);
}

static PyObject *
long_in(FILE *file)
{
    return integer_result(PyMarshal_ReadLongFromFile(file));
}

/* (what `read` finds in the file, position behind it). */
static PyObject *
read_file(PyObject *name, PyObject *(*read)(FILE *))
{
    FILE *file = open_file(name, "rb");
    if (file == NULL) {
        return NULL;
    }
    PyObject *value = read(file);
    long position = ftell(file);
    fclose(file);
    return value == NULL ? NULL : Py_BuildValue("(Nl)", value, position);
}

#define read_short(name) read_file(name, short_in)
#define read_long(name) read_file(name, long_in)
#define read_object(name) read_file(name, PyMarshal_ReadObjectFromFile)
#define read_last_object(name) read_file(name, PyMarshal_ReadLastObjectFromFile)

#define MARSHAL_CALLS(X) \
    X(3, pymarshal_write_long_to_file, object, write_long, P, P, i) \
    X(3, pymarshal_write_object_to_file, object, write_object, P, P, i) \
    X(1, pymarshal_read_short_from_file, object, read_short, P) \
    X(1, pymarshal_read_long_from_file, object, read_long, P) \
    X(1, pymarshal_read_object_from_file, object, read_object, P) \
    X(1, pymarshal_read_last_object_from_file, object, read_last_object, P)

MARSHAL_CALLS(WRAP)

static PyMethodDef marshal_methods[] = {
    MARSHAL_CALLS(WRAP_ROW)
    {NULL}
};

int
_TestCapi_AddMarshal(PyObject *module)
{
    return PyModule_AddFunctions(module, marshal_methods);
}
