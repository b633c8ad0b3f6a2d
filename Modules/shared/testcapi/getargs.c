/* _testcapi: PyArg_Parse...(), a function for each format unit.
 *
 * Written from the C API reference ("Parsing arguments and building values").
 */
#include "wrap.h"
#include "parts.h"

/* ---- units that give one C value ---- */

static PyObject *
bytes_or_none(const char *text)
{
    return text == NULL ? Py_NewRef(Py_None) : PyBytes_FromString(text);
}

#define from_complex(value) PyComplex_FromCComplex(value)

#define UNITS(X) \
    X(getargs_b, "b", unsigned char, PyLong_FromLong) \
    X(getargs_B, "B", unsigned char, PyLong_FromLong) \
    X(getargs_h, "h", short, PyLong_FromLong) \
    X(getargs_H, "H", unsigned short, PyLong_FromLong) \
    X(getargs_i, "i", int, PyLong_FromLong) \
    X(getargs_I, "I", unsigned int, PyLong_FromUnsignedLong) \
    X(getargs_l, "l", long, PyLong_FromLong) \
    X(getargs_k, "k", unsigned long, PyLong_FromUnsignedLong) \
    X(getargs_L, "L", long long, PyLong_FromLongLong) \
    X(getargs_K, "K", unsigned long long, PyLong_FromUnsignedLongLong) \
    X(getargs_n, "n", Py_ssize_t, PyLong_FromSsize_t) \
    X(getargs_p, "p", int, PyLong_FromLong) \
    X(getargs_f, "f", float, PyFloat_FromDouble) \
    X(getargs_d, "d", double, PyFloat_FromDouble) \
    X(getargs_D, "D", Py_complex, from_complex) \
    X(getargs_c, "c", char, PyLong_FromLong) \
    X(getargs_C, "C", int, PyLong_FromLong) \
    X(getargs_s, "s", char *, bytes_or_none) \
    X(getargs_y, "y", char *, bytes_or_none) \
    X(getargs_z, "z", char *, bytes_or_none) \
    X(getargs_S, "S", PyObject *, Py_NewRef) \
    X(getargs_Y, "Y", PyObject *, Py_NewRef) \
    X(getargs_U, "U", PyObject *, Py_NewRef)

#define DEFINE_UNIT(name, format, type, result) \
    static PyObject * \
    name(PyObject *Py_UNUSED(module), PyObject *args) \
    { \
        type value; \
        return PyArg_ParseTuple(args, format, &value) ? result(value) : NULL; \
    }
UNITS(DEFINE_UNIT)

/* ---- units with a length, buffers, encoded strings ---- */

static PyObject *
data_or_none(const char *start, Py_ssize_t size)
{
    return start == NULL ? Py_NewRef(Py_None) : PyBytes_FromStringAndSize(start, size);
}

#define HASH_UNITS(X) \
    X(getargs_s_hash, "s#") \
    X(getargs_y_hash, "y#") \
    X(getargs_z_hash, "z#")

#define DEFINE_HASH_UNIT(name, format) \
    static PyObject * \
    name(PyObject *Py_UNUSED(module), PyObject *args) \
    { \
        const char *start; \
        Py_ssize_t size; \
        return PyArg_ParseTuple(args, format, &start, &size) ? data_or_none(start, size) : NULL; \
    }
HASH_UNITS(DEFINE_HASH_UNIT)

#define STAR_UNITS(X) \
    X(getargs_s_star, "s*") \
    X(getargs_y_star, "y*") \
    X(getargs_z_star, "z*")

#define DEFINE_STAR_UNIT(name, format) \
    static PyObject * \
    name(PyObject *Py_UNUSED(module), PyObject *args) \
    { \
        Py_buffer buffer; \
        if (!PyArg_ParseTuple(args, format, &buffer)) { \
            return NULL; \
        } \
        PyObject *result = data_or_none(buffer.buf, buffer.len); \
        PyBuffer_Release(&buffer); \
        return result; \
    }
STAR_UNITS(DEFINE_STAR_UNIT)

/* Puts brackets over the first and the last byte, so that a copy would show. */
static PyObject *
getargs_w_star(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer buffer;
    if (!PyArg_ParseTuple(args, "w*", &buffer)) {
        return NULL;
    }
    char *start = buffer.buf;
    if (buffer.len >= 2) {
        start[0] = '[';
        start[buffer.len - 1] = ']';
    }
    PyObject *result = PyBytes_FromStringAndSize(start, buffer.len);
    PyBuffer_Release(&buffer);
    return result;
}

static PyObject *
encoded(PyObject *args, const char *unit)
{
    PyObject *object;
    const char *encoding = NULL;
    char *text = NULL;
    if (!PyArg_ParseTuple(args, "O|s", &object, &encoding)
        || !PyArg_Parse(object, unit, encoding, &text)) {
        return NULL;
    }
    PyObject *result = PyBytes_FromString(text);
    PyMem_Free(text);
    return result;
}

static PyObject *
getargs_es(PyObject *Py_UNUSED(module), PyObject *args)
{
    return encoded(args, "es");
}

static PyObject *
getargs_et(PyObject *Py_UNUSED(module), PyObject *args)
{
    return encoded(args, "et");
}

/* (object[, encoding[, bytearray to write to]]). */
static PyObject *
encoded_with_size(PyObject *args, const char *unit)
{
    PyObject *object;
    PyObject *target = NULL;
    const char *encoding = NULL;
    if (!PyArg_ParseTuple(args, "O|sY", &object, &encoding, &target)) {
        return NULL;
    }
    char *text = NULL;
    Py_ssize_t size = 0;
    if (target != NULL) {
        text = PyByteArray_AS_STRING(target);
        size = PyByteArray_GET_SIZE(target);
    }
    if (!PyArg_Parse(object, unit, encoding, &text, &size)) {
        return NULL;
    }
    PyObject *result = PyBytes_FromStringAndSize(text, size);
    if (target == NULL) {
        PyMem_Free(text);
    }
    return result;
}

static PyObject *
getargs_es_hash(PyObject *Py_UNUSED(module), PyObject *args)
{
    return encoded_with_size(args, "es#");
}

static PyObject *
getargs_et_hash(PyObject *Py_UNUSED(module), PyObject *args)
{
    return encoded_with_size(args, "et#");
}

/* gh-99240: an error in the second "es" frees and clears what the first has given. */
static PyObject *
gh_99240_clear_args(PyObject *Py_UNUSED(module), PyObject *args)
{
    char *first = NULL;
    char *second = NULL;
    if (!PyArg_ParseTuple(args, "eses", "idna", &first, "idna", &second)) {
        if (first != NULL || second != NULL) {
            PyErr_Clear();
            PyErr_SetString(PyExc_AssertionError, "arguments are not cleared");
        }
        return NULL;
    }
    PyMem_Free(first);
    PyMem_Free(second);
    Py_RETURN_NONE;
}

/* ---- tuples and keywords ---- */

static PyObject *
getargs_tuple(PyObject *Py_UNUSED(module), PyObject *args)
{
    int a, b, c;
    if (!PyArg_ParseTuple(args, "i(ii)", &a, &b, &c)) {
        return NULL;
    }
    return Py_BuildValue("(iii)", a, b, c);
}

static PyObject *
getargs_keywords(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"arg1", "arg2", "arg3", "arg4", "arg5", NULL};
    int v[10] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "(ii)i|(i(ii))(iii)i", KEYWORDS(names), &v[0],
                                     &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8],
                                     &v[9])) {
        return NULL;
    }
    return Py_BuildValue("(iiiiiiiiii)", v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8],
                         v[9]);
}

static PyObject *
getargs_keyword_only(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"required", "optional", "keyword_only", NULL};
    int required = -1, optional = -1, keyword_only = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "i|i$i", KEYWORDS(names), &required, &optional,
                                     &keyword_only)) {
        return NULL;
    }
    return Py_BuildValue("(iii)", required, optional, keyword_only);
}

static PyObject *
getargs_positional_only_and_keywords(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"", "", "keyword", NULL};
    int required = -1, optional = -1, keyword = -1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "i|ii", KEYWORDS(names), &required, &optional,
                                     &keyword)) {
        return NULL;
    }
    return Py_BuildValue("(iii)", required, optional, keyword);
}

static PyObject *
get_args(PyObject *Py_UNUSED(module), PyObject *args)
{
    return object_result(Py_XNewRef(args), Py_None);
}

static PyObject *
get_kwargs(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(args), PyObject *kwargs)
{
    return object_result(Py_XNewRef(kwargs), Py_None);
}

/* ---- converters (O&) ---- */

static int
convert_and_keep(PyObject *object, void *address)
{
    PyObject **kept = address;
    if (object == NULL) {
        Py_CLEAR(*kept);
        return 1;
    }
    *kept = Py_NewRef(object);
    return Py_CLEANUP_SUPPORTED;
}

static int
refuse(PyObject *object, void *Py_UNUSED(address))
{
    PyErr_Format(PyExc_ValueError, "refused: %R", object);
    return 0;
}

/* bpo-6012: 1 if the error of one converter undid what another has done. */
static PyObject *
argparsing(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *kept = NULL;
    if (PyArg_ParseTuple(args, "O&O&", convert_and_keep, &kept, refuse, NULL)) {
        Py_XDECREF(kept);
        PyErr_SetString(PyExc_AssertionError, "no error from a converter that fails");
        return NULL;
    }
    if (!PyErr_ExceptionMatches(PyExc_ValueError)) {
        return NULL;
    }
    PyErr_Clear();
    int undone = kept == NULL;
    Py_XDECREF(kept);
    return PyLong_FromLong(undone);
}

/* ---- any format ---- */

/* A format of n characters takes at most n addresses, so that all of them are given. */
#define MAX_FORMAT 16
#define MAX_KEYWORDS 8

/* Keywords in `names`, encoded; `keep` owns them.  -1 with an exception. */
static int
get_keywords(PyObject *keywords, PyObject *keep, char *names[MAX_KEYWORDS + 1])
{
    if (!PyList_CheckExact(keywords) && !PyTuple_CheckExact(keywords)) {
        PyErr_SetString(PyExc_ValueError, "keywords must be a list or a tuple");
        return -1;
    }
    Py_ssize_t count = PySequence_Fast_GET_SIZE(keywords);
    if (count > MAX_KEYWORDS) {
        PyErr_Format(PyExc_ValueError, "more than %d keywords", MAX_KEYWORDS);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *name = PySequence_Fast_GET_ITEM(keywords, i);
        if (!PyUnicode_Check(name) && !PyBytes_Check(name)) {
            PyErr_Format(PyExc_ValueError, "keyword %zd must be str or bytes", i);
            return -1;
        }
        PyObject *encoded_name = PyBytes_Check(name) ? Py_NewRef(name)
                                                     : PyUnicode_AsUTF8String(name);
        if (encoded_name == NULL) {
            return -1;
        }
        int status = PyList_Append(keep, encoded_name);
        Py_DECREF(encoded_name);
        if (status < 0) {
            return -1;
        }
        names[i] = PyBytes_AS_STRING(encoded_name);
    }
    names[count] = NULL;
    return 0;
}

/* The objects of a format that consists of "O" only (None where none was given), else None. */
static PyObject *
parsed_objects(const char *format, Py_buffer *values)
{
    if (strspn(format, "O()|$") != strlen(format)) {
        Py_RETURN_NONE;
    }
    Py_ssize_t count = 0;
    for (const char *f = format; *f != '\0'; f++) {
        count += *f == 'O';
    }
    PyObject *result = PyTuple_New(count);
    for (Py_ssize_t i = 0; result != NULL && i < count; i++) {
        PyObject *value = *(PyObject **)&values[i];
        PyTuple_SET_ITEM(result, i, Py_NewRef(value == NULL ? Py_None : value));
    }
    return result;
}

/* Releases what units with buffers and encoded strings have left in `values`. */
static void
release_values(const char *format, Py_buffer *values)
{
    for (const char *f = format; *f != '\0' && *f != ':' && *f != ';'; f++) {
        if (strchr("()|$#", *f) != NULL) {
            values += *f == '#';        /* the address of the size */
        }
        else if (*f == 'e') {
            f++;                        /* the address of the encoding, then that of the text */
            PyMem_Free(*(void **)&values[1]);
            values += 2;
        }
        else if (f[1] == '*') {
            f++;
            PyBuffer_Release(values++);
        }
        else {
            values++;
        }
    }
}

static PyObject *
parse_tuple_and_keywords(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *parse_args, *parse_kwargs, *keywords;
    const char *format;
    if (!PyArg_ParseTuple(args, "OOsO:parse_tuple_and_keywords", &parse_args, &parse_kwargs,
                          &format, &keywords)) {
        return NULL;
    }
    if (strlen(format) > MAX_FORMAT || strstr(format, "O!") != NULL
        || strstr(format, "O&") != NULL) {
        PyErr_SetString(PyExc_ValueError, "format is too long, or has O! or O&");
        return NULL;
    }
    char *names[MAX_KEYWORDS + 1];
    Py_buffer v[MAX_FORMAT];            /* no unit writes more than a Py_buffer */
    memset(v, 0, sizeof(v));
    PyObject *keep = PyList_New(0);
    if (keep == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    if (get_keywords(keywords, keep, names) == 0
        && PyArg_ParseTupleAndKeywords(parse_args, parse_kwargs, format, names, &v[0], &v[1],
                                       &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8], &v[9],
                                       &v[10], &v[11], &v[12], &v[13], &v[14], &v[15])) {
        result = parsed_objects(format, v);
        release_values(format, v);
    }
    Py_DECREF(keep);
    return result;
}

#define UNIT_ROW(name, ...) {#name, name, METH_VARARGS, NULL},

static PyMethodDef getargs_methods[] = {
    UNITS(UNIT_ROW)
    HASH_UNITS(UNIT_ROW)
    STAR_UNITS(UNIT_ROW)
    UNIT_ROW(getargs_w_star)
    UNIT_ROW(getargs_es)
    UNIT_ROW(getargs_et)
    UNIT_ROW(getargs_es_hash)
    UNIT_ROW(getargs_et_hash)
    UNIT_ROW(gh_99240_clear_args)
    UNIT_ROW(getargs_tuple)
    UNIT_ROW(get_args)
    UNIT_ROW(argparsing)
    UNIT_ROW(parse_tuple_and_keywords)
    KEYWORDS_ROW(getargs_keywords),
    KEYWORDS_ROW(getargs_keyword_only),
    KEYWORDS_ROW(getargs_positional_only_and_keywords),
    KEYWORDS_ROW(get_kwargs),
    {NULL}
};

int
_TestCapi_AddGetargs(PyObject *module)
{
    return PyModule_AddFunctions(module, getargs_methods);
}
