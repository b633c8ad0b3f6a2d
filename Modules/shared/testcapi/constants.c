/* _testcapi: limits and sizes of C types, and what the build was configured with.
 *
 * Written from limits.h(0p), float.h(0p) and the C API reference.
 */
#include "parts.h"

#include <float.h>
#include <limits.h>
#include <stddef.h>
#include <time.h>

/* Adds `value` and takes it, NULL included. */
static int
add(PyObject *module, const char *name, PyObject *value)
{
    int result = PyModule_AddObjectRef(module, name, value);
    Py_XDECREF(value);
    return result;
}

int
_TestCapi_AddConstants(PyObject *module)
{
    static const struct {
        const char *name;
        long long value;
    } integers[] = {
        {"CHAR_MIN", CHAR_MIN}, {"CHAR_MAX", CHAR_MAX}, {"UCHAR_MAX", UCHAR_MAX},
        {"SHRT_MIN", SHRT_MIN}, {"SHRT_MAX", SHRT_MAX}, {"USHRT_MAX", USHRT_MAX},
        {"INT_MIN", INT_MIN}, {"INT_MAX", INT_MAX}, {"UINT_MAX", UINT_MAX},
        {"LONG_MIN", LONG_MIN}, {"LONG_MAX", LONG_MAX},
        {"LLONG_MIN", LLONG_MIN}, {"LLONG_MAX", LLONG_MAX},
        {"PY_SSIZE_T_MIN", PY_SSIZE_T_MIN}, {"PY_SSIZE_T_MAX", PY_SSIZE_T_MAX},
        {"SIZEOF_WCHAR_T", sizeof(wchar_t)}, {"SIZEOF_VOID_P", sizeof(void *)},
        {"SIZEOF_TIME_T", sizeof(time_t)}, {"ALIGNOF_MAX_ALIGN_T", _Alignof(max_align_t)},
    };
    static const struct {
        const char *name;
        unsigned long long value;
    } unsigned_integers[] = {
        {"ULONG_MAX", ULONG_MAX}, {"ULLONG_MAX", ULLONG_MAX}, {"SIZE_MAX", SIZE_MAX},
        {"Py_Version", PY_VERSION_HEX},
    };
    static const struct {
        const char *name;
        double value;
    } doubles[] = {
        {"FLT_MIN", FLT_MIN}, {"FLT_MAX", FLT_MAX}, {"DBL_MIN", DBL_MIN}, {"DBL_MAX", DBL_MAX},
    };
    static const struct {
        const char *name;
        int value;
    } features[] = {
        {"WITH_PYMALLOC", 1}, {"LIMITED_API_AVAILABLE", 1},
    };

    for (size_t i = 0; i < Py_ARRAY_LENGTH(integers); i++) {
        if (add(module, integers[i].name, PyLong_FromLongLong(integers[i].value)) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(unsigned_integers); i++) {
        if (add(module, unsigned_integers[i].name,
                PyLong_FromUnsignedLongLong(unsigned_integers[i].value)) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(doubles); i++) {
        if (add(module, doubles[i].name, PyFloat_FromDouble(doubles[i].value)) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(features); i++) {
        if (add(module, features[i].name, PyBool_FromLong(features[i].value)) < 0) {
            return -1;
        }
    }
    return 0;
}
