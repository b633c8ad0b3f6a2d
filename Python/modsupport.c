/* Py_BuildValue and what modules add to themselves.
 *
 * A format is walked once, together with the va_list.  When one value fails, the rest is walked
 * all the same: "N" units pass references that must be given up.
 * Written from the C API reference (building values, module objects) and the messages of
 * CPython 3.12. */

#define PY_SSIZE_T_CLEAN
#include "Python.h"
#include "pycore_getargs.h"     // _getargs_va

#define BUILD_SIZE_T 1          // compiled with PY_SSIZE_T_CLEAN: '#' is allowed

typedef _getargs_va build_va;

static PyObject *build_value(const char **p_format, build_va *va, int flags);


/* ------------------------------------------------------------------------- counting */

/* The number of values up to endchar at this level, or -1 with SystemError. */
static Py_ssize_t
count_values(const char *format, char endchar)
{
    Py_ssize_t count = 0;
    int level = 0;
    while (level > 0 || *format != endchar) {
        switch (*format) {
        case '\0':
            PyErr_SetString(PyExc_SystemError, "unmatched paren in format");
            return -1;
        case '(': case '[': case '{':
            count += level == 0;
            level++;
            break;
        case ')': case ']': case '}':
            level--;
            break;
        case '#': case '&': case ',': case ':': case ' ': case '\t':
            break;
        default:
            count += level == 0;
            break;
        }
        format++;
    }
    return count;
}


/* ---------------------------------------------------------------------- single values */

/* '#' behind a text unit: 1 with the size in *n, 0 without (n is -1), -1 with an exception. */
static int
take_size(const char **p_format, build_va *va, int flags, Py_ssize_t *n)
{
    *n = -1;
    if (**p_format != '#') {
        return 0;
    }
    (*p_format)++;
    if (!(flags & BUILD_SIZE_T)) {
        (void)va_arg(va->va, int);      /* what stands behind it is still read, and released */
        PyErr_SetString(PyExc_SystemError,
                        "PY_SSIZE_T_CLEAN macro must be defined for '#' formats");
        return -1;
    }
    *n = va_arg(va->va, Py_ssize_t);
    return 1;
}

/* Units s z U (UTF-8), y (bytes), u (wide characters); NULL gives None. */
static PyObject *
build_text(char c, const char **p_format, build_va *va, int flags)
{
    const void *text = va_arg(va->va, const void *);
    Py_ssize_t n;
    if (take_size(p_format, va, flags, &n) < 0) {
        return NULL;
    }
    if (text == NULL) {
        return Py_NewRef(Py_None);
    }
    if (c == 'u') {
        return PyUnicode_FromWideChar(text, n);
    }
    if (n < 0) {
        size_t length = strlen(text);
        if (length > PY_SSIZE_T_MAX) {
            PyErr_SetString(PyExc_OverflowError, c == 'y' ? "string too long for Python bytes"
                                                          : "string too long for Python string");
            return NULL;
        }
        n = (Py_ssize_t)length;
    }
    return c == 'y' ? PyBytes_FromStringAndSize(text, n) : PyUnicode_FromStringAndSize(text, n);
}

/* Units O S N and O&. */
static PyObject *
build_object(char c, const char **p_format, build_va *va)
{
    if (**p_format == '&') {
        typedef PyObject *(*converter)(void *);
        converter convert = va_arg(va->va, converter);
        void *arg = va_arg(va->va, void *);
        (*p_format)++;
        return convert(arg);
    }
    PyObject *v = va_arg(va->va, PyObject *);
    if (v == NULL) {
        /* The value was made in the call and failed: keep that exception. */
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "NULL object passed to Py_BuildValue");
        }
        return NULL;
    }
    return c == 'N' ? v : Py_NewRef(v);
}

/* Units for numbers and characters. */
static PyObject *
build_number(char c, build_va *va)
{
    switch (c) {
    case 'b': case 'B': case 'h': case 'i':
        return PyLong_FromLong(va_arg(va->va, int));
    case 'H': case 'I':
        return PyLong_FromUnsignedLong(va_arg(va->va, unsigned int));
    case 'n':
        return PyLong_FromSsize_t(va_arg(va->va, Py_ssize_t));
    case 'l':
        return PyLong_FromLong(va_arg(va->va, long));
    case 'k':
        return PyLong_FromUnsignedLong(va_arg(va->va, unsigned long));
    case 'L':
        return PyLong_FromLongLong(va_arg(va->va, long long));
    case 'K':
        return PyLong_FromUnsignedLongLong(va_arg(va->va, unsigned long long));
    case 'f': case 'd':
        return PyFloat_FromDouble(va_arg(va->va, double));
    case 'D':
        return PyComplex_FromCComplex(*va_arg(va->va, Py_complex *));
    case 'c': {
        char byte = (char)va_arg(va->va, int);
        return PyBytes_FromStringAndSize(&byte, 1);
    }
    default:
        assert(c == 'C');
        return PyUnicode_FromOrdinal(va_arg(va->va, int));
    }
}


/* ------------------------------------------------------------------------- containers */

/* Walks n values and gives them up.  An exception that is set stays. */
static void
discard_values(const char **p_format, build_va *va, Py_ssize_t n, int flags)
{
    assert(PyErr_Occurred());
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *exc = PyErr_GetRaisedException();
        PyObject *v = build_value(p_format, va, flags);
        PyErr_SetRaisedException(exc);
        Py_XDECREF(v);
    }
}

/* Walks over the end of a container: 0, or -1 with SystemError. */
static int
take_end(const char **p_format, char endchar)
{
    if (**p_format != endchar) {
        PyErr_SetString(PyExc_SystemError, "Unmatched paren in format");
        return -1;
    }
    if (endchar != '\0') {
        (*p_format)++;
    }
    return 0;
}

/* Fills the n `items` of a new list or tuple, which is taken over and returned; NULL (as on entry)
   with an exception. */
static PyObject *
build_items(const char **p_format, build_va *va, char endchar, PyObject *seq, PyObject **items,
            Py_ssize_t n, int flags)
{
    if (seq == NULL) {
        discard_values(p_format, va, n, flags);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        items[i] = build_value(p_format, va, flags);
        if (items[i] == NULL) {
            discard_values(p_format, va, n - i - 1, flags);
            Py_DECREF(seq);
            return NULL;
        }
    }
    if (take_end(p_format, endchar) < 0) {
        Py_CLEAR(seq);
    }
    return seq;
}

static PyObject *
build_tuple(const char **p_format, build_va *va, char endchar, Py_ssize_t n, int flags)
{
    if (n < 0) {
        return NULL;
    }
    PyObject *tuple = PyTuple_New(n);
    return build_items(p_format, va, endchar, tuple,
                       tuple == NULL ? NULL : ((PyTupleObject *)tuple)->ob_item, n, flags);
}

static PyObject *
build_list(const char **p_format, build_va *va, Py_ssize_t n, int flags)
{
    if (n < 0) {
        return NULL;
    }
    PyObject *list = PyList_New(n);
    return build_items(p_format, va, ']', list,
                       list == NULL ? NULL : ((PyListObject *)list)->ob_item, n, flags);
}

static PyObject *
build_dict(const char **p_format, build_va *va, Py_ssize_t n, int flags)
{
    if (n < 0) {
        return NULL;
    }
    assert(*p_format != NULL);
    if (n % 2 != 0) {
        PyErr_SetString(PyExc_SystemError, "Bad dict format");
        discard_values(p_format, va, n, flags);
        return NULL;
    }
    PyObject *dict = PyDict_New();
    if (dict == NULL) {
        discard_values(p_format, va, n, flags);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i += 2) {
        PyObject *k = build_value(p_format, va, flags);
        if (k == NULL) {
            discard_values(p_format, va, n - i - 1, flags);
            Py_DECREF(dict);
            return NULL;
        }
        PyObject *v = build_value(p_format, va, flags);
        int res = v == NULL ? -1 : PyDict_SetItem(dict, k, v);
        Py_DECREF(k);
        Py_XDECREF(v);
        if (res < 0) {
            discard_values(p_format, va, n - i - 2, flags);
            Py_DECREF(dict);
            return NULL;
        }
    }
    if (take_end(p_format, '}') < 0) {
        Py_CLEAR(dict);
    }
    return dict;
}

/* The next value of the format: new reference, or NULL with an exception. */
static PyObject *
build_value(const char **p_format, build_va *va, int flags)
{
    for (;;) {
        char c = *(*p_format)++;
        switch (c) {
        case '(':
            return build_tuple(p_format, va, ')', count_values(*p_format, ')'), flags);
        case '[':
            return build_list(p_format, va, count_values(*p_format, ']'), flags);
        case '{':
            return build_dict(p_format, va, count_values(*p_format, '}'), flags);
        case 'b': case 'B': case 'h': case 'i': case 'H': case 'I': case 'n': case 'l':
        case 'k': case 'L': case 'K': case 'f': case 'd': case 'D': case 'c': case 'C':
            return build_number(c, va);
        case 's': case 'z': case 'U': case 'y': case 'u':
            return build_text(c, p_format, va, flags);
        case 'O': case 'S': case 'N':
            return build_object(c, p_format, va);
        case ',': case ':': case ' ': case '\t':
            break;
        default:
            PyErr_SetString(PyExc_SystemError, "bad format char passed to Py_BuildValue");
            if (c == '\0') {
                (*p_format)--;  /* stay at the end of the string */
            }
            return NULL;
        }
    }
}


/* -------------------------------------------------------------------- entry points */

static PyObject *
va_build_value(const char *format, va_list va, int flags)
{
    Py_ssize_t n = count_values(format, '\0');
    if (n < 0) {
        return NULL;
    }
    if (n == 0) {
        return Py_NewRef(Py_None);
    }
    build_va lva;
    va_copy(lva.va, va);
    PyObject *result = n == 1 ? build_value(&format, &lva, flags)
                              : build_tuple(&format, &lva, '\0', n, flags);
    va_end(lva.va);
    return result;
}

#undef Py_BuildValue
#undef Py_VaBuildValue

#define BUILD(NAME, FLAGS)                                                      \
    PyObject *                                                                  \
    NAME(const char *format, ...)                                               \
    {                                                                           \
        va_list va;                                                             \
        va_start(va, format);                                                   \
        PyObject *result = va_build_value(format, va, FLAGS);                   \
        va_end(va);                                                             \
        return result;                                                          \
    }

BUILD(Py_BuildValue, 0)
BUILD(_Py_BuildValue_SizeT, BUILD_SIZE_T)

PyObject *
Py_VaBuildValue(const char *format, va_list va)
{
    return va_build_value(format, va, 0);
}

PyObject *
_Py_VaBuildValue_SizeT(const char *format, va_list va)
{
    return va_build_value(format, va, BUILD_SIZE_T);
}

/* The values as an array: small_stack, or memory for PyMem_Free(). */
static PyObject **
va_build_stack(PyObject **small_stack, Py_ssize_t small_stack_len, const char *format, va_list va,
               int flags, Py_ssize_t *p_nargs)
{
    assert(small_stack != NULL && p_nargs != NULL);
    Py_ssize_t n = count_values(format, '\0');
    if (n < 0) {
        return NULL;
    }
    *p_nargs = 0;
    if (n == 0) {
        return small_stack;
    }
    PyObject **stack = small_stack;
    if (n > small_stack_len) {
        stack = PyMem_New(PyObject *, n);
        if (stack == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
    }
    build_va lva;
    va_copy(lva.va, va);
    Py_ssize_t i = 0;
    for (; i < n; i++) {
        stack[i] = build_value(&format, &lva, flags);
        if (stack[i] == NULL) {
            break;
        }
    }
    if (i == n) {
        *p_nargs = n;
    }
    else {
        discard_values(&format, &lva, n - i - 1, flags);
        while (i > 0) {
            Py_DECREF(stack[--i]);
        }
        if (stack != small_stack) {
            PyMem_Free(stack);
        }
        stack = NULL;
    }
    va_end(lva.va);
    return stack;
}

#undef _Py_VaBuildStack
PyObject **
_Py_VaBuildStack(PyObject **small_stack, Py_ssize_t small_stack_len, const char *format,
                 va_list va, Py_ssize_t *p_nargs)
{
    return va_build_stack(small_stack, small_stack_len, format, va, 0, p_nargs);
}

PyObject **
_Py_VaBuildStack_SizeT(PyObject **small_stack, Py_ssize_t small_stack_len, const char *format,
                       va_list va, Py_ssize_t *p_nargs)
{
    return va_build_stack(small_stack, small_stack_len, format, va, BUILD_SIZE_T, p_nargs);
}


/* ---------------------------------------------------------------------------- modules */

int
PyModule_AddObjectRef(PyObject *mod, const char *name, PyObject *value)
{
    if (!PyModule_Check(mod)) {
        PyErr_SetString(PyExc_TypeError,
                        "PyModule_AddObjectRef() first argument must be a module");
        return -1;
    }
    if (value == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError,
                            "PyModule_AddObjectRef() must be called with an exception raised "
                            "if value is NULL");
        }
        return -1;
    }
    PyObject *dict = PyModule_GetDict(mod);
    if (dict == NULL) {
        /* Internal error: modules have a dict. */
        PyErr_Format(PyExc_SystemError, "module '%s' has no __dict__", PyModule_GetName(mod));
        return -1;
    }
    return PyDict_SetItemString(dict, name, value);
}

/* Steals the value, always. */
int
_PyModule_Add(PyObject *mod, const char *name, PyObject *value)
{
    assert(name != NULL);
    int res = PyModule_AddObjectRef(mod, name, value);
    Py_XDECREF(value);
    return res;
}

/* Steals the value, but only if it succeeds. */
int
PyModule_AddObject(PyObject *mod, const char *name, PyObject *value)
{
    int res = PyModule_AddObjectRef(mod, name, value);
    if (res == 0) {
        Py_DECREF(value);
    }
    return res;
}

int
PyModule_AddIntConstant(PyObject *m, const char *name, long value)
{
    PyObject *obj = PyLong_FromLong(value);
    return obj == NULL ? -1 : _PyModule_Add(m, name, obj);
}

int
PyModule_AddStringConstant(PyObject *m, const char *name, const char *value)
{
    PyObject *obj = PyUnicode_FromString(value);
    return obj == NULL ? -1 : _PyModule_Add(m, name, obj);
}

int
PyModule_AddType(PyObject *module, PyTypeObject *type)
{
    if (PyType_Ready(type) < 0) {
        return -1;
    }
    const char *dot = strrchr(type->tp_name, '.');
    return PyModule_AddObjectRef(module, dot == NULL ? type->tp_name : dot + 1,
                                 (PyObject *)type);
}
