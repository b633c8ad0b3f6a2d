/* _testcapi: str.
 *
 * Functions that change a str in place get a copy of the argument that nobody else has seen.
 *
 * Written from the C API reference ("Unicode Objects").
 */
#include "wrap.h"
#include "parts.h"

/* A str of the same width and length as `text`, all characters 0. */
static PyObject *
blank_like(PyObject *text)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    PyObject *result = PyUnicode_New(length, PyUnicode_MAX_CHAR_VALUE(text));
    if (result != NULL && length > 0 && PyUnicode_Fill(result, 0, length, 0) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

/* A copy of the str `text` in *copy; anything else (NULL too) as it is.  -1 with an exception. */
static int
copy_of(PyObject *text, PyObject **copy)
{
    if (text == NULL || !PyUnicode_Check(text)) {
        *copy = Py_XNewRef(text);
        return 0;
    }
    *copy = blank_like(text);
    if (*copy == NULL) {
        return -1;
    }
    if (PyUnicode_CopyCharacters(*copy, 0, text, 0, PyUnicode_GET_LENGTH(text)) < 0) {
        Py_CLEAR(*copy);
        return -1;
    }
    return 0;
}

/* (text, result), taking `text`; NULL if the result is an error. */
static PyObject *
changed(PyObject *text, Py_ssize_t result)
{
    if (result < 0) {
        Py_XDECREF(text);
        return NULL;
    }
    return Py_BuildValue("(Nn)", text, result);
}

static PyObject *
new_filled(Py_ssize_t length, Py_UCS4 character)
{
    PyObject *result = PyUnicode_New(length, character);
    if (result != NULL && length > 0 && PyUnicode_Fill(result, 0, length, character) < 0) {
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
fill(PyObject *text, Py_ssize_t start, Py_ssize_t length, Py_UCS4 character)
{
    PyObject *copy;
    if (copy_of(text, &copy) < 0) {
        return NULL;
    }
    return changed(copy, PyUnicode_Fill(copy, start, length, character));
}

static PyObject *
write_char(PyObject *text, Py_ssize_t index, Py_UCS4 character)
{
    PyObject *copy;
    if (copy_of(text, &copy) < 0) {
        return NULL;
    }
    return changed(copy, PyUnicode_WriteChar(copy, index, character));
}

static PyObject *
resize(PyObject *text, Py_ssize_t length)
{
    PyObject *copy;
    if (copy_of(text, &copy) < 0) {
        return NULL;
    }
    Py_ssize_t old_length = copy != NULL && PyUnicode_Check(copy) ? PyUnicode_GET_LENGTH(copy) : 0;
    int result = PyUnicode_Resize(&copy, length);
    /* What was added is not initialised. */
    if (result == 0 && length > old_length
        && PyUnicode_Fill(copy, old_length, length - old_length, 0) < 0) {
        result = -1;
    }
    return changed(copy, result);
}

static PyObject *
append(PyObject *left, PyObject *right)
{
    PyObject *copy;
    if (copy_of(left, &copy) < 0) {
        return NULL;
    }
    PyUnicode_Append(&copy, right);
    return copy;
}

static PyObject *
append_and_del(PyObject *left, PyObject *right)
{
    PyObject *copy;
    if (copy_of(left, &copy) < 0) {
        return NULL;
    }
    PyUnicode_AppendAndDel(&copy, Py_XNewRef(right));
    return copy;
}

/* Into a blank str like `to`. */
static PyObject *
copy_characters(PyObject *to, Py_ssize_t to_start, PyObject *from, Py_ssize_t from_start,
                Py_ssize_t count)
{
    if (!PyUnicode_Check(to)) {
        PyErr_SetString(PyExc_TypeError, "expected a str");
        return NULL;
    }
    PyObject *copy = blank_like(to);
    if (copy == NULL) {
        return NULL;
    }
    return changed(copy, PyUnicode_CopyCharacters(copy, to_start, from, from_start, count));
}

WRAPPER(unicode_fromstringandsize)
{
    y_ARG data;
    if (!right_count("unicode_fromstringandsize", nargs, 1, 2) || !y_from(args[0], &data)
        || (nargs == 2 && !n_from(args[1], &data.size))) {
        return NULL;
    }
    return PyUnicode_FromStringAndSize(data.start, data.size);
}

WRAPPER(unicode_fromkindanddata)
{
    int kind;
    y_ARG data;
    if (!right_count("unicode_fromkindanddata", nargs, 2, 3) || !i_from(args[0], &kind)
        || !y_from(args[1], &data)) {
        return NULL;
    }
    Py_ssize_t length = kind > 0 ? data.size / kind : 0;
    if (nargs == 3 && !n_from(args[2], &length)) {
        return NULL;
    }
    return PyUnicode_FromKindAndData(kind, data.start, length);
}

WRAPPER(unicode_fromwidechar)
{
    y_ARG data;
    if (!right_count("unicode_fromwidechar", nargs, 1, 2) || !y_from(args[0], &data)) {
        return NULL;
    }
    Py_ssize_t length = data.size / (Py_ssize_t)sizeof(wchar_t);
    if (nargs == 2 && !n_from(args[1], &length)) {
        return NULL;
    }
    return PyUnicode_FromWideChar((const wchar_t *)data.start, length);
}

/* (what C sees, with the NUL if it fits into `size`, characters written). */
static PyObject *
as_wide_char(PyObject *text, Py_ssize_t size)
{
    wchar_t *buffer = PyMem_New(wchar_t, size);
    if (buffer == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *result = NULL;
    Py_ssize_t written = PyUnicode_AsWideChar(text, buffer, size);
    if (written >= 0) {
        PyObject *seen = PyUnicode_FromWideChar(buffer, written < size ? written + 1 : size);
        result = seen == NULL ? NULL : Py_BuildValue("(Nn)", seen, written);
    }
    PyMem_Free(buffer);
    return result;
}

#define needed_wide_chars(text, size) PyUnicode_AsWideChar(text, NULL, size)

/* (what C sees, the NUL behind included, length). */
static PyObject *
as_wide_string(PyObject *text)
{
    Py_ssize_t length = -1;
    wchar_t *wide = PyUnicode_AsWideCharString(text, &length);
    if (wide == NULL) {
        return NULL;
    }
    PyObject *seen = PyUnicode_FromWideChar(wide, length + 1);
    PyMem_Free(wide);
    return seen == NULL ? NULL : Py_BuildValue("(Nn)", seen, length);
}

static PyObject *
as_wide_string_without_length(PyObject *text)
{
    wchar_t *wide = PyUnicode_AsWideCharString(text, NULL);
    if (wide == NULL) {
        return NULL;
    }
    PyObject *seen = PyUnicode_FromWideChar(wide, -1);
    PyMem_Free(wide);
    return seen;
}

/* All of a buffer of `size` + 1 characters that were 0, the last one U+FFFF. */
static PyObject *
as_ucs4(PyObject *text, Py_ssize_t size, int copy_null)
{
    if (size < 0 || size == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_ValueError, "size out of range");
        return NULL;
    }
    Py_UCS4 *buffer = PyMem_New(Py_UCS4, size + 1);
    if (buffer == NULL) {
        return PyErr_NoMemory();
    }
    memset(buffer, 0, size * sizeof(Py_UCS4));
    buffer[size] = 0xFFFF;
    PyObject *seen = NULL;
    if (PyUnicode_AsUCS4(text, buffer, size + 1, copy_null) != NULL) {
        seen = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, buffer, size + 1);
    }
    PyMem_Free(buffer);
    return seen;
}

static PyObject *
as_ucs4_copy(PyObject *text)
{
    Py_UCS4 *buffer = PyUnicode_AsUCS4Copy(text);
    if (buffer == NULL) {
        return NULL;
    }
    PyObject *seen = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, buffer,
                                               PyUnicode_GET_LENGTH(text) + 1);
    PyMem_Free(buffer);
    return seen;
}

/* The first `size` bytes of what C sees. */
static PyObject *
as_utf8(PyObject *text, Py_ssize_t size)
{
    const char *utf8 = PyUnicode_AsUTF8(text);
    return utf8 == NULL ? NULL : PyBytes_FromStringAndSize(utf8, size);
}

static PyObject *
as_utf8_and_size(PyObject *text, Py_ssize_t size)
{
    Py_ssize_t length = -1;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &length);
    return utf8 == NULL ? NULL : Py_BuildValue("(y#n)", utf8, size, length);
}

static PyObject *
as_utf8_and_no_size(PyObject *text, Py_ssize_t size)
{
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, NULL);
    return utf8 == NULL ? NULL : PyBytes_FromStringAndSize(utf8, size);
}

static PyObject *
intern(PyObject *text)
{
    Py_XINCREF(text);
    PyUnicode_InternInPlace(&text);
    return text;
}

#define default_encoding() PyBytes_FromString(PyUnicode_GetDefaultEncoding())

#define UNICODE_CALLS(X) \
    X(2, unicode_new, object, new_filled, n, u) \
    X(4, unicode_fill, object, fill, O, n, n, u) \
    X(3, unicode_writechar, object, write_char, O, n, u) \
    X(2, unicode_resize, object, resize, O, n) \
    X(2, unicode_append, object, append, O, O) \
    X(2, unicode_appendanddel, object, append_and_del, O, O) \
    X(1, unicode_fromstring, object, PyUnicode_FromString, s) \
    X(3, unicode_substring, object, PyUnicode_Substring, O, n, n) \
    X(1, unicode_getlength, size, PyUnicode_GetLength, O) \
    X(2, unicode_readchar, char, PyUnicode_ReadChar, O, n) \
    X(1, unicode_fromobject, object, PyUnicode_FromObject, O) \
    X(1, unicode_interninplace, object, intern, O) \
    X(1, unicode_internfromstring, object, PyUnicode_InternFromString, s) \
    X(2, unicode_aswidechar, object, as_wide_char, O, n) \
    X(2, unicode_aswidechar_null, size, needed_wide_chars, O, n) \
    X(1, unicode_aswidecharstring, object, as_wide_string, O) \
    X(1, unicode_aswidecharstring_null, object, as_wide_string_without_length, O) \
    X(3, unicode_asucs4, object, as_ucs4, O, n, i) \
    X(1, unicode_asucs4copy, object, as_ucs4_copy, O) \
    X(1, unicode_fromordinal, object, PyUnicode_FromOrdinal, i) \
    X(2, unicode_asutf8, object, as_utf8, O, n) \
    X(2, unicode_asutf8andsize, object, as_utf8_and_size, O, n) \
    X(2, unicode_asutf8andsize_null, object, as_utf8_and_no_size, O, n) \
    X(0, unicode_getdefaultencoding, object, default_encoding) \
    X(1, unicode_transformdecimalandspacetoascii, object, \
      _PyUnicode_TransformDecimalAndSpaceToASCII, O) \
    X(2, unicode_concat, object, PyUnicode_Concat, O, O) \
    X(3, unicode_split, object, PyUnicode_Split, O, O, optn) \
    X(3, unicode_rsplit, object, PyUnicode_RSplit, O, O, optn) \
    X(2, unicode_partition, object, PyUnicode_Partition, O, O) \
    X(2, unicode_rpartition, object, PyUnicode_RPartition, O, O) \
    X(2, unicode_splitlines, object, PyUnicode_Splitlines, O, opti) \
    X(3, unicode_translate, object, PyUnicode_Translate, O, O, opts) \
    X(2, unicode_join, object, PyUnicode_Join, O, O) \
    X(4, unicode_count, size, PyUnicode_Count, O, O, n, n) \
    X(5, unicode_tailmatch, size, PyUnicode_Tailmatch, O, O, n, n, i) \
    X(5, unicode_find, size, PyUnicode_Find, O, O, n, n, i) \
    X(5, unicode_findchar, size, PyUnicode_FindChar, O, u, n, n, i) \
    X(4, unicode_replace, object, PyUnicode_Replace, O, O, O, optn) \
    X(2, unicode_compare, int, PyUnicode_Compare, O, O) \
    X(2, unicode_comparewithasciistring, int, PyUnicode_CompareWithASCIIString, O, s) \
    X(3, unicode_richcompare, object, PyUnicode_RichCompare, O, O, i) \
    X(2, unicode_format, object, PyUnicode_Format, O, O) \
    X(2, unicode_contains, int, PyUnicode_Contains, O, O) \
    X(1, unicode_isidentifier, int, PyUnicode_IsIdentifier, O) \
    X(5, unicode_copycharacters, object, copy_characters, P, n, P, n, n)

UNICODE_CALLS(WRAP)

static PyMethodDef unicode_methods[] = {
    UNICODE_CALLS(WRAP_ROW)
    WRAP_ROW(2, unicode_fromstringandsize)
    WRAP_ROW(3, unicode_fromkindanddata)
    WRAP_ROW(2, unicode_fromwidechar)
    {NULL}
};

int
_TestCapi_AddUnicode(PyObject *module)
{
    return PyModule_AddFunctions(module, unicode_methods);
}
