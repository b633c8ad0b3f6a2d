/* descr_member.c - members: fields of a C struct as attributes (PyMemberDef).
 *
 * Written from the C API reference ("Accessing attributes of extension types") and observed
 * messages.
 */
#include "Python.h"
#include "pycore_object.h"
#include "pycore_strings.h"     // _Py_ID()

#include <limits.h>

/* The value of the member in the object at obj_addr: new reference. */
PyObject *
PyMember_GetOne(const char *obj_addr, PyMemberDef *l)
{
    if (l->flags & Py_RELATIVE_OFFSET) {
        PyErr_SetString(PyExc_SystemError, "PyMember_GetOne used with Py_RELATIVE_OFFSET");
        return NULL;
    }
    const char *addr = obj_addr + l->offset;
    switch (l->type) {
        case Py_T_BOOL:
            return PyBool_FromLong(*(char *)addr);
        case Py_T_BYTE:
            return PyLong_FromLong(*(signed char *)addr);
        case Py_T_UBYTE:
            return PyLong_FromUnsignedLong(*(unsigned char *)addr);
        case Py_T_SHORT:
            return PyLong_FromLong(*(short *)addr);
        case Py_T_USHORT:
            return PyLong_FromUnsignedLong(*(unsigned short *)addr);
        case Py_T_INT:
            return PyLong_FromLong(*(int *)addr);
        case Py_T_UINT:
            return PyLong_FromUnsignedLong(*(unsigned int *)addr);
        case Py_T_LONG:
            return PyLong_FromLong(*(long *)addr);
        case Py_T_ULONG:
            return PyLong_FromUnsignedLong(*(unsigned long *)addr);
        case Py_T_PYSSIZET:
            return PyLong_FromSsize_t(*(Py_ssize_t *)addr);
        case Py_T_LONGLONG:
            return PyLong_FromLongLong(*(long long *)addr);
        case Py_T_ULONGLONG:
            return PyLong_FromUnsignedLongLong(*(unsigned long long *)addr);
        case Py_T_FLOAT:
            return PyFloat_FromDouble((double)*(float *)addr);
        case Py_T_DOUBLE:
            return PyFloat_FromDouble(*(double *)addr);
        case Py_T_STRING:
            if (*(char **)addr == NULL) {
                Py_RETURN_NONE;
            }
            return PyUnicode_FromString(*(char **)addr);
        case Py_T_STRING_INPLACE:
            return PyUnicode_FromString(addr);
        case Py_T_CHAR:
            return PyUnicode_FromStringAndSize(addr, 1);
        case _Py_T_OBJECT: {
            PyObject *v = *(PyObject **)addr;
            return Py_NewRef(v == NULL ? Py_None : v);
        }
        case Py_T_OBJECT_EX: {
            PyObject *v = *(PyObject **)addr;
            if (v == NULL) {
                PyObject *obj = (PyObject *)obj_addr;
                PyErr_Format(PyExc_AttributeError, "'%.200s' object has no attribute '%s'",
                             Py_TYPE(obj)->tp_name, l->name);
            }
            return Py_XNewRef(v);
        }
        case _Py_T_NONE:
            Py_RETURN_NONE;
        default:
            PyErr_SetString(PyExc_SystemError, "bad memberdescr type");
            return NULL;
    }
}

/* Values that do not fit are cut off with a warning, as they always were. */
static int
warn_truncated(const char *type)
{
    return PyErr_WarnFormat(PyExc_RuntimeWarning, 1, "Truncation of value to %s", type);
}

/* Checks before a store or deletion; 0 or -1. */
static int
check_writable(char *addr, PyMemberDef *l, PyObject *v)
{
    if (l->flags & Py_READONLY) {
        PyErr_SetString(PyExc_AttributeError, "readonly attribute");
        return -1;
    }
    if (v == NULL) {
        if (l->type == Py_T_OBJECT_EX) {
            if (*(PyObject **)addr == NULL) {   /* already gone */
                PyErr_SetString(PyExc_AttributeError, l->name);
                return -1;
            }
        }
        else if (l->type != _Py_T_OBJECT) {
            PyErr_SetString(PyExc_TypeError, "can't delete numeric/char attribute");
            return -1;
        }
    }
    return 0;
}

/* Stores an integer of up to long; 0 or -1. */
static int
set_long(char *addr, int type, PyObject *v)
{
    long x = PyLong_AsLong(v);
    if (x == -1 && PyErr_Occurred()) {
        return -1;
    }
    switch (type) {
        case Py_T_BYTE:
            *(char *)addr = (char)x;
            return x > CHAR_MAX || x < CHAR_MIN ? warn_truncated("char") : 0;
        case Py_T_UBYTE:
            *(unsigned char *)addr = (unsigned char)x;
            return x > UCHAR_MAX || x < 0 ? warn_truncated("unsigned char") : 0;
        case Py_T_SHORT:
            *(short *)addr = (short)x;
            return x > SHRT_MAX || x < SHRT_MIN ? warn_truncated("short") : 0;
        case Py_T_USHORT:
            *(unsigned short *)addr = (unsigned short)x;
            return x > USHRT_MAX || x < 0 ? warn_truncated("unsigned short") : 0;
        case Py_T_INT:
            *(int *)addr = (int)x;
            return x > INT_MAX || x < INT_MIN ? warn_truncated("int") : 0;
        default:
            assert(type == Py_T_LONG);
            *(long *)addr = x;
            return 0;
    }
}

/* Stores an unsigned integer; a negative one is accepted with a warning. */
static int
set_unsigned(char *addr, int type, PyObject *v)
{
    unsigned long x = PyLong_AsUnsignedLong(v);
    if (x == (unsigned long)-1 && PyErr_Occurred()) {
        PyErr_Clear();
        x = (unsigned long)PyLong_AsLong(v);
        if (x == (unsigned long)-1 && PyErr_Occurred()) {
            return -1;
        }
        if (type == Py_T_UINT) {
            *(unsigned int *)addr = (unsigned int)x;
        }
        else {
            *(unsigned long *)addr = x;
        }
        return PyErr_WarnEx(PyExc_RuntimeWarning, "Writing negative value into unsigned field",
                            1);
    }
    if (type == Py_T_UINT) {
        *(unsigned int *)addr = (unsigned int)x;
        return x > UINT_MAX ? warn_truncated("unsigned int") : 0;
    }
    *(unsigned long *)addr = x;
    return 0;
}

static int
set_float(char *addr, int type, PyObject *v)
{
    double x = PyFloat_AsDouble(v);
    if (x == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (type == Py_T_FLOAT) {
        *(float *)addr = (float)x;
    }
    else {
        *(double *)addr = x;
    }
    return 0;
}

/* Stores v, or deletes the member if it is NULL.  0 or -1. */
int
PyMember_SetOne(char *addr, PyMemberDef *l, PyObject *v)
{
    if (l->flags & Py_RELATIVE_OFFSET) {
        PyErr_SetString(PyExc_SystemError, "PyMember_SetOne used with Py_RELATIVE_OFFSET");
        return -1;
    }
    addr += l->offset;
    if (check_writable(addr, l, v) < 0) {
        return -1;
    }
    switch (l->type) {
        case Py_T_BOOL:
            if (!PyBool_Check(v)) {
                PyErr_SetString(PyExc_TypeError, "attribute value type must be bool");
                return -1;
            }
            *(char *)addr = v == Py_True;
            return 0;
        case Py_T_BYTE:
        case Py_T_UBYTE:
        case Py_T_SHORT:
        case Py_T_USHORT:
        case Py_T_INT:
        case Py_T_LONG:
            return set_long(addr, l->type, v);
        case Py_T_UINT:
        case Py_T_ULONG:
            return set_unsigned(addr, l->type, v);
        case Py_T_PYSSIZET:
            *(Py_ssize_t *)addr = PyLong_AsSsize_t(v);
            return *(Py_ssize_t *)addr == -1 && PyErr_Occurred() ? -1 : 0;
        case Py_T_FLOAT:
        case Py_T_DOUBLE:
            return set_float(addr, l->type, v);
        case _Py_T_OBJECT:
        case Py_T_OBJECT_EX: {
            PyObject *old = *(PyObject **)addr;
            *(PyObject **)addr = Py_XNewRef(v);
            Py_XDECREF(old);
            return 0;
        }
        case Py_T_CHAR: {
            Py_ssize_t len;
            const char *string = PyUnicode_AsUTF8AndSize(v, &len);
            if (string == NULL || len != 1) {
                PyErr_BadArgument();
                return -1;
            }
            *addr = string[0];
            return 0;
        }
        case Py_T_STRING:
        case Py_T_STRING_INPLACE:
            PyErr_SetString(PyExc_TypeError, "readonly attribute");
            return -1;
        case Py_T_LONGLONG: {
            long long value = PyLong_AsLongLong(v);
            *(long long *)addr = value;
            return value == -1 && PyErr_Occurred() ? -1 : 0;
        }
        case Py_T_ULONGLONG: {
            unsigned long long value = PyLong_AsUnsignedLongLongMask(v);
            *(unsigned long long *)addr = value;
            return value == (unsigned long long)-1 && PyErr_Occurred() ? -1 : 0;
        }
        default:
            PyErr_Format(PyExc_SystemError, "bad memberdescr type for %s", l->name);
            return -1;
    }
}
