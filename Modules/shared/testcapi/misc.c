/* _testcapi: buffers, Py_BuildValue(), what types are made of, and functions that break a rule.
 *
 * Written from the C API reference.
 */
#include "wrap.h"
#include "parts.h"

#include <errno.h>
#include <sys/wait.h>

/* ---- functions that break a rule ---- */

#define null_without_error() NULL

static PyObject *
result_with_error(void)
{
    PyErr_SetNone(PyExc_ValueError);
    Py_RETURN_NONE;
}

static PyObject *
item_with_error(PyObject *mapping, PyObject *key)
{
    PyErr_SetString(PyExc_ValueError, "bug");
    return PyObject_GetItem(mapping, key);
}

/* As the __get__ of a descriptor: the class called forgets the descriptor, which must live on. */
WRAPPER(bad_get)
{
    if (!right_count("bad_get", nargs, 3, 3)) {
        return NULL;
    }
    PyObject *result = PyObject_CallNoArgs(args[2]);
    if (result == NULL) {
        return NULL;
    }
    Py_DECREF(result);
    return PyObject_Repr(args[0]);
}

/* ---- buffers ---- */

static PyObject *
memoryview_of_null(void)
{
    Py_buffer info;
    if (PyBuffer_FillInfo(&info, NULL, NULL, 1, 1, PyBUF_FULL_RO) < 0) {
        return NULL;
    }
    return PyMemoryView_FromBuffer(&info);
}

#define get_null_buffer(object) PyObject_GetBuffer(object, NULL, PyBUF_SIMPLE)

typedef struct {
    PyObject_HEAD
    Py_ssize_t references;
} test_buffer;

static int
test_buffer_getbuffer(test_buffer *self, Py_buffer *view, int flags)
{
    int result = PyBuffer_FillInfo(view, (PyObject *)self, "test", 4, 1, flags);
    self->references += result == 0;
    return result;
}

static void
test_buffer_releasebuffer(test_buffer *self, Py_buffer *Py_UNUSED(view))
{
    assert(self->references > 0);
    self->references--;
}

static PyMemberDef test_buffer_members[] = {
    {"references", Py_T_PYSSIZET, offsetof(test_buffer, references), Py_READONLY, NULL},
    {NULL}
};

static PyType_Slot test_buffer_slots[] = {
    {Py_bf_getbuffer, test_buffer_getbuffer},
    {Py_bf_releasebuffer, test_buffer_releasebuffer},
    {Py_tp_members, test_buffer_members},
    {0, NULL}
};

static PyType_Spec test_buffer_spec = {
    .name = "_testcapi.testBuf",
    .basicsize = sizeof(test_buffer),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = test_buffer_slots,
};

/* ---- Py_BuildValue() ---- */

enum {MAX_VALUES = 8};

/* (format, values...): the values are objects, None stands for NULL. */
static PyObject *
py_buildvalue(PyObject *Py_UNUSED(module), PyObject *args)
{
    const char *format;
    PyObject *v[MAX_VALUES] = {NULL};
    Py_ssize_t count = PyTuple_GET_SIZE(args) - 1;
    if (count < 0 || count > MAX_VALUES || !s_from(PyTuple_GET_ITEM(args, 0), &format)) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "a format and at most 8 values expected");
        }
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        v[i] = null_if_none(PyTuple_GET_ITEM(args, i + 1));
    }
    return Py_BuildValue(format, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
}

/* The same, of C ints. */
static PyObject *
py_buildvalue_ints(PyObject *Py_UNUSED(module), PyObject *args)
{
    const char *format;
    unsigned int v[MAX_VALUES] = {0};
    Py_ssize_t count = PyTuple_GET_SIZE(args) - 1;
    if (count < 0 || count > MAX_VALUES || !s_from(PyTuple_GET_ITEM(args, 0), &format)) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_TypeError, "a format and at most 8 values expected");
        }
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!u_from(PyTuple_GET_ITEM(args, i + 1), &v[i])) {
            return NULL;
        }
    }
    return Py_BuildValue(format, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
}

static PyObject *
fail_to_make(void *Py_UNUSED(argument))
{
    PyErr_SetNone(PyExc_ValueError);
    return NULL;
}

static PyObject *
take(void *argument)
{
    return Py_NewRef(argument);
}

/* "N" takes its reference, whether a value is built or not. */
static PyObject *
test_reference_taken(void)
{
    PyObject *object = PyList_New(0);
    if (object == NULL) {
        return NULL;
    }
    PyObject *built = Py_BuildValue("N", Py_NewRef(object));
    int failed = built != object || Py_REFCNT(object) != 2;
    Py_XDECREF(built);
    PyObject *(*const makers[])(void *) = {fail_to_make, take};
    const char *const formats[] = {"O&N", "{O&N}", "(O&N)", "[O&(N)]"};
    for (size_t i = 0; !failed && i < Py_ARRAY_LENGTH(formats); i++) {
        for (size_t k = 0; k < Py_ARRAY_LENGTH(makers); k++) {
            built = Py_BuildValue(formats[i], makers[k], Py_True, Py_NewRef(object));
            PyErr_Clear();
            Py_XDECREF(built);
            failed |= (built == NULL) != (k == 0) || Py_REFCNT(object) != 1;
        }
    }
    Py_DECREF(object);
    if (failed) {
        PyErr_SetString(PyExc_AssertionError, "\"N\" did not take its reference");
        return NULL;
    }
    Py_RETURN_NONE;
}

/* ---- types ---- */

static PyTypeObject *
as_type(PyObject *object)
{
    if (!PyType_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "argument must be a type");
        return NULL;
    }
    return (PyTypeObject *)object;
}

static PyObject *
version_tag(PyObject *object)
{
    PyTypeObject *type = as_type(object);
    return type == NULL ? NULL : PyLong_FromUnsignedLong(type->tp_version_tag);
}

static int
assign_version_tag(PyObject *object)
{
    PyTypeObject *type = as_type(object);
    return type == NULL ? -1 : PyUnstable_Type_AssignVersionTag(type);
}

static PyObject *
bases_slot(PyObject *object)
{
    PyTypeObject *type = as_type(object);
    return type == NULL ? NULL : object_result(Py_XNewRef(type->tp_bases), Py_None);
}

static PyObject *
mro_slot(PyObject *object)
{
    PyTypeObject *type = as_type(object);
    return type == NULL ? NULL : object_result(Py_XNewRef(type->tp_mro), Py_None);
}

static PyObject *
clear_dict(PyObject *object)
{
    _PyObject_ClearManagedDict(object);
    Py_RETURN_NONE;
}

#define BASIC_TYPE { \
        PyVarObject_HEAD_INIT(NULL, 0) \
        .tp_name = "BasicStaticType", \
        .tp_basicsize = sizeof(PyObject), \
    }
static PyTypeObject basic_static_types[] = {BASIC_TYPE, BASIC_TYPE, BASIC_TYPE, BASIC_TYPE};

/* A static type that is not ready yet: each call takes another one, for they cannot be undone. */
static PyObject *
get_basic_static_type(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *base = NULL;
    if (!PyArg_ParseTuple(args, "|O!", &PyType_Type, &base)) {
        return NULL;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(basic_static_types); i++) {
        PyTypeObject *type = &basic_static_types[i];
        if (PyType_HasFeature(type, Py_TPFLAGS_READY)) {
            continue;
        }
        if (base != NULL) {
            type->tp_bases = PyTuple_Pack(1, base);
            if (type->tp_bases == NULL) {
                return NULL;
            }
            type->tp_base = (PyTypeObject *)Py_NewRef(base);
        }
        return PyType_Ready(type) < 0 ? NULL : Py_NewRef((PyObject *)type);
    }
    PyErr_SetString(PyExc_RuntimeError, "no static types are left");
    return NULL;
}

/* ---- immortal objects ---- */

/* None, or an AssertionError if references to `object` are counted. */
static PyObject *
expect_immortal(PyObject *object)
{
    Py_ssize_t count = Py_REFCNT(object);
    for (int i = 0; i < 1000; i++) {
        Py_INCREF(object);
    }
    int changed = Py_REFCNT(object) != count;
    for (int i = 0; i < 1000; i++) {
        Py_DECREF(object);
    }
    if (changed || Py_REFCNT(object) != count) {
        PyErr_Format(PyExc_AssertionError, "%R is not immortal", object);
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
test_builtins(void)
{
    PyObject *const objects[] = {Py_True, Py_False, Py_None, Py_Ellipsis, Py_NotImplemented};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(objects); i++) {
        PyObject *result = expect_immortal(objects[i]);
        if (result == NULL) {
            return NULL;
        }
        Py_DECREF(result);
    }
    Py_RETURN_NONE;
}

static PyObject *
test_small_ints(void)
{
    for (int i = -5; i <= 256; i++) {
        PyObject *number = PyLong_FromLong(i);
        PyObject *result = number == NULL ? NULL : expect_immortal(number);
        Py_XDECREF(number);
        if (result == NULL) {
            return NULL;
        }
        Py_DECREF(result);
    }
    Py_RETURN_NONE;
}

/* ---- others ---- */

/* Characters beyond Unicode are refused; those of a wide string are one character each. */
static PyObject *
test_wide_characters(void)
{
    static const wchar_t text[] = {0xE4, 0x20AC, 0x1F40D, 0};
    static const wchar_t invalid[] = {0x110000, 0};
    PyObject *wide = PyUnicode_FromWideChar(text, -1);
    if (wide == NULL) {
        return NULL;
    }
    int failed = PyUnicode_GET_LENGTH(wide) != 3 || PyUnicode_READ_CHAR(wide, 2) != 0x1F40D;
    Py_DECREF(wide);
    wide = PyUnicode_FromWideChar(invalid, 1);
    failed |= wide != NULL;
    Py_XDECREF(wide);
    PyErr_Clear();
    if (failed) {
        PyErr_SetString(PyExc_AssertionError, "PyUnicode_FromWideChar() gives another string");
        return NULL;
    }
    Py_RETURN_NONE;
}

/* Directives that are none are refused, "%" with anything in front of it too. */
static PyObject *
test_wrong_directives(void)
{
    static const char *const formats[] = {
        "%", "%0", "%.", "%l", "%z", "%0%", "%1%", "%-%", "%.%", "%l%", "%+i", "%lls", "%zs",
        "%2c", "%.2c", "%lc", "%5p", "%lp",
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(formats); i++) {
        PyObject *text = PyUnicode_FromFormat(formats[i], 1);
        Py_XDECREF(text);
        if (text != NULL || !PyErr_ExceptionMatches(PyExc_SystemError)) {
            PyErr_Format(PyExc_AssertionError, "no SystemError for %s", formats[i]);
            return NULL;
        }
        PyErr_Clear();
    }
    Py_RETURN_NONE;
}

static PyObject *
set_c_errno(int number)
{
    errno = number;
    Py_RETURN_NONE;
}

static PyObject *new_cfunction(PyObject *, PyObject *);
static PyMethodDef cfunction_definition = {"cfunction", new_cfunction, METH_NOARGS, NULL};

/* A function object that no module's table has. */
static PyObject *
new_cfunction(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    return PyCFunction_NewEx(&cfunction_definition, module, NULL);
}

static PyObject *
feature_macros(void)
{
    static const struct {
        const char *name;
        int defined;
    } features[] = {
#ifdef HAVE_FORK
        {"HAVE_FORK", 1},
#else
        {"HAVE_FORK", 0},
#endif
        {"MS_WINDOWS", 0},
#ifdef PY_HAVE_THREAD_NATIVE_ID
        {"PY_HAVE_THREAD_NATIVE_ID", 1},
#else
        {"PY_HAVE_THREAD_NATIVE_ID", 0},
#endif
        {"Py_REF_DEBUG", 0}, {"USE_STACKCHECK", 0},
    };
    PyObject *result = PyDict_New();
    for (size_t i = 0; result != NULL && i < Py_ARRAY_LENGTH(features); i++) {
        PyObject *value = features[i].defined ? Py_True : Py_False;
        if (PyDict_SetItemString(result, features[i].name, value) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

#define str_of_null() PyObject_Str(NULL)
#define repr_of_null() PyObject_Repr(NULL)
#define bytes_of_null() PyObject_Bytes(NULL)

static PyObject *
item_data(PyObject *object)
{
    void *data = PyObject_GetItemData(object);
    return data == NULL ? NULL : PyLong_FromVoidPtr(data);
}

#define MISC_CALLS(X) \
    X(0, return_null_without_error, object, null_without_error) \
    X(0, return_result_with_error, object, result_with_error) \
    X(2, getitem_with_error, object, item_with_error, P, P) \
    X(0, make_memoryview_from_NULL_pointer, object, memoryview_of_null) \
    X(1, getbuffer_with_null_view, int, get_null_buffer, P) \
    X(0, test_buildvalue_N, object, test_reference_taken) \
    X(1, type_get_version, object, version_tag, P) \
    X(1, type_assign_version, int, assign_version_tag, P) \
    X(1, type_get_tp_bases, object, bases_slot, P) \
    X(1, type_get_tp_mro, object, mro_slot, P) \
    X(1, clear_managed_dict, object, clear_dict, P) \
    X(0, test_immortal_builtins, object, test_builtins) \
    X(0, test_immortal_small_ints, object, test_small_ints) \
    X(0, test_widechar, object, test_wide_characters) \
    X(0, test_string_from_format, object, test_wrong_directives) \
    X(1, set_errno, object, set_c_errno, i) \
    X(0, hamt, object, _PyContext_NewHamtForTests) \
    X(0, get_feature_macros, object, feature_macros) \
    X(0, pyobject_str_from_null, object, str_of_null) \
    X(0, pyobject_repr_from_null, object, repr_of_null) \
    X(0, pyobject_bytes_from_null, object, bytes_of_null) \
    X(2, pynumber_tobase, object, PyNumber_ToBase, P, i) \
    X(1, pyobject_getitemdata, object, item_data, P)

MISC_CALLS(WRAP)
WRAP1(buffer_size, size, PyBuffer_SizeFromFormat, s)
WRAP1(stop_code, int, W_STOPCODE, i)

static PyMethodDef misc_methods[] = {
    MISC_CALLS(WRAP_ROW)
    /* Names that C has, too. */
    {"PyBuffer_SizeFromFormat", _PyCFunction_CAST(buffer_size), METH_FASTCALL, NULL},
    {"W_STOPCODE", _PyCFunction_CAST(stop_code), METH_FASTCALL, NULL},
    {"bad_get", _PyCFunction_CAST(bad_get), METH_FASTCALL, NULL},
    VARARGS_ROW(py_buildvalue),
    VARARGS_ROW(py_buildvalue_ints),
    VARARGS_ROW(get_basic_static_type),
    {"create_cfunction", new_cfunction, METH_NOARGS, NULL},
    {NULL}
};

int
_TestCapi_AddMisc(PyObject *module)
{
    if (PyModule_AddObjectRef(module, "instancemethod", (PyObject *)&PyInstanceMethod_Type) < 0
        || _TestCapi_AddType(module, &test_buffer_spec, NULL) < 0) {
        return -1;
    }
    return PyModule_AddFunctions(module, misc_methods);
}
