/* str: the type, its methods and its iterator.
 *
 * The work is done in Objects/unicode/, one file per subject; here are the wrappers that parse
 * arguments, and the slots.
 *
 * Written from the library reference.
 */
#include "Python.h"
#include "pycore_bytes_methods.h"   // _PyText_ParseSubSlice
#include "pycore_ceval.h"           // _PyEval_GetBuiltin
#include "pycore_global_objects.h"
#include "pycore_heap.h"            // the table of interned strings
#include "pycore_interp.h"
#include "pycore_object.h"
#include "pycore_pystate.h"
#include "pycore_seqiter.h"        // _PySeqIterObject
#include "pycore_signature.h"
#include "pycore_strings.h"         // _Py_ID
#include "pycore_tuple.h"           // _PyTuple_FromArray
#include "pycore_unicode.h"

/* Argument converter of the padding methods. */
static int convert_fill(PyObject *obj, void *addr);

#include "sig/unicodeobject.sig.h"

/* --- Predicates and case ---------------------------------------------------------------------- */

/*sig str.isalpha(self)

Return True if all characters are alphabetic, and there is at least one.
*/
static PyObject *
unicode_isalpha_impl(PyObject *self)
{
    return PyBool_FromLong(_PyUnicode_Test(self, _PyUnicode_IS_ALPHA));
}

/*sig str.isalnum(self)

Return True if all characters are alphanumeric, and there is at least one.
*/
static PyObject *
unicode_isalnum_impl(PyObject *self)
{
    return PyBool_FromLong(_PyUnicode_Test(self, _PyUnicode_IS_ALNUM));
}

/*sig str.isdecimal(self)

Return True if all characters are decimal digits, and there is at least one.
*/
static PyObject *
unicode_isdecimal_impl(PyObject *self)
{
    return PyBool_FromLong(_PyUnicode_Test(self, _PyUnicode_IS_DECIMAL));
}

/*sig str.isdigit(self)

Return True if all characters are digits, and there is at least one.
*/
static PyObject *
unicode_isdigit_impl(PyObject *self)
{
    return PyBool_FromLong(_PyUnicode_Test(self, _PyUnicode_IS_DIGIT));
}

/*sig str.isnumeric(self)

Return True if all characters are numeric, and there is at least one.
*/
static PyObject *
unicode_isnumeric_impl(PyObject *self)
{
    return PyBool_FromLong(_PyUnicode_Test(self, _PyUnicode_IS_NUMERIC));
}

/*sig str.isspace(self)

Return True if all characters are white space, and there is at least one.
*/
static PyObject *
unicode_isspace_impl(PyObject *self)
{
    return PyBool_FromLong(_PyUnicode_Test(self, _PyUnicode_IS_SPACE));
}

/*sig str.isprintable(self)

Return True if all characters are printable in repr(), or the string is empty.
*/
static PyObject *
unicode_isprintable_impl(PyObject *self)
{
    return PyBool_FromLong(_PyUnicode_Test(self, _PyUnicode_IS_PRINTABLE));
}

/*sig str.islower(self)

Return True if there are cased characters and all of them are lower case.
*/
static PyObject *
unicode_islower_impl(PyObject *self)
{
    return PyBool_FromLong(_PyUnicode_Test(self, _PyUnicode_IS_LOWER));
}

/*sig str.isupper(self)

Return True if there are cased characters and all of them are upper case.
*/
static PyObject *
unicode_isupper_impl(PyObject *self)
{
    return PyBool_FromLong(_PyUnicode_Test(self, _PyUnicode_IS_UPPER));
}

/*sig str.istitle(self)

Return True if upper case characters only follow uncased ones and lower case characters only cased
ones.
*/
static PyObject *
unicode_istitle_impl(PyObject *self)
{
    return PyBool_FromLong(_PyUnicode_Test(self, _PyUnicode_IS_TITLE));
}

/*sig str.isascii(self)

Return True if all characters are ASCII; also for the empty string.
*/
static PyObject *
unicode_isascii_impl(PyObject *self)
{
    return PyBool_FromLong(PyUnicode_IS_ASCII(self));
}

/*sig str.isidentifier(self)

Return True if the string is a valid Python identifier.

Call keyword.iskeyword(s) to test whether string s is a reserved identifier, such as "def".
*/
static PyObject *
unicode_isidentifier_impl(PyObject *self)
{
    return PyBool_FromLong(PyUnicode_IsIdentifier(self));
}

/*sig str.lower(self)

Return a copy converted to lower case.
*/
static PyObject *
unicode_lower_impl(PyObject *self)
{
    return _PyUnicode_Lower(self);
}

/*sig str.upper(self)

Return a copy converted to upper case.
*/
static PyObject *
unicode_upper_impl(PyObject *self)
{
    return _PyUnicode_Upper(self);
}

/*sig str.title(self)

Return a copy where each word is titlecased.
*/
static PyObject *
unicode_title_impl(PyObject *self)
{
    return _PyUnicode_Title(self);
}

/*sig str.capitalize(self)

Return a copy with the first character in upper case and the rest in lower case.
*/
static PyObject *
unicode_capitalize_impl(PyObject *self)
{
    return _PyUnicode_Capitalize(self);
}

/*sig str.swapcase(self)

Return a copy with upper and lower case exchanged.
*/
static PyObject *
unicode_swapcase_impl(PyObject *self)
{
    return _PyUnicode_SwapCase(self);
}

/*sig str.casefold(self)

Return a version of the string suitable for caseless comparisons.
*/
static PyObject *
unicode_casefold_impl(PyObject *self)
{
    return _PyUnicode_CaseFold(self);
}

/* --- Padding and stripping -------------------------------------------------------------------- */

/* Argument converter: a str of one character. */
static int
convert_fill(PyObject *obj, void *addr)
{
    Py_UCS4 *fill = addr;
    if (!PyUnicode_Check(obj)) {
        PyErr_Format(PyExc_TypeError,
                     "The fill character must be a unicode character, not %.100s",
                     Py_TYPE(obj)->tp_name);
        return 0;
    }
    if (PyUnicode_GET_LENGTH(obj) != 1) {
        PyErr_SetString(PyExc_TypeError, "The fill character must be exactly one character long");
        return 0;
    }
    *fill = PyUnicode_READ_CHAR(obj, 0);
    return 1;
}

/*sig str.center(self, width: ssize, fillchar: conv[convert_fill, Py_UCS4] = c"' '" py"' '", /)

Return a centered string of length width, padded with the fill character.
*/
static PyObject *
unicode_center_impl(PyObject *self, Py_ssize_t width, Py_UCS4 fillchar)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(self);
    Py_ssize_t pad = width > length ? width - length : 0;
    Py_ssize_t left = pad / 2 + (pad & width & 1);
    return _PyUnicode_Pad(self, left, pad - left, fillchar);
}

/*sig str.ljust(self, width: ssize, fillchar: conv[convert_fill, Py_UCS4] = c"' '" py"' '", /)

Return a left-justified string of length width, padded with the fill character.
*/
static PyObject *
unicode_ljust_impl(PyObject *self, Py_ssize_t width, Py_UCS4 fillchar)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(self);
    return _PyUnicode_Pad(self, 0, width > length ? width - length : 0, fillchar);
}

/*sig str.rjust(self, width: ssize, fillchar: conv[convert_fill, Py_UCS4] = c"' '" py"' '", /)

Return a right-justified string of length width, padded with the fill character.
*/
static PyObject *
unicode_rjust_impl(PyObject *self, Py_ssize_t width, Py_UCS4 fillchar)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(self);
    return _PyUnicode_Pad(self, width > length ? width - length : 0, 0, fillchar);
}

/*sig str.zfill(self, width: ssize, /)

Pad a numeric string with zeros on the left, behind a sign, to the given width.

The string is never truncated.
*/
static PyObject *
unicode_zfill_impl(PyObject *self, Py_ssize_t width)
{
    return _PyUnicode_ZFill(self, width);
}

/*sig str.expandtabs(self, tabsize: int = 8)

Return a copy where all tab characters are expanded using spaces.
*/
static PyObject *
unicode_expandtabs_impl(PyObject *self, int tabsize)
{
    return _PyUnicode_ExpandTabs(self, tabsize);
}

/*sig str.strip(self, chars = None, /)

Return a copy without leading and trailing white space, or characters in chars.
*/
static PyObject *
unicode_strip_impl(PyObject *self, PyObject *chars)
{
    return _PyUnicode_Strip(self, _PyUnicode_STRIP_BOTH, chars);
}

/*sig str.lstrip(self, chars = None, /)

Return a copy without leading white space, or characters in chars.
*/
static PyObject *
unicode_lstrip_impl(PyObject *self, PyObject *chars)
{
    return _PyUnicode_Strip(self, _PyUnicode_STRIP_LEFT, chars);
}

/*sig str.rstrip(self, chars = None, /)

Return a copy without trailing white space, or characters in chars.
*/
static PyObject *
unicode_rstrip_impl(PyObject *self, PyObject *chars)
{
    return _PyUnicode_Strip(self, _PyUnicode_STRIP_RIGHT, chars);
}

/*sig str.removeprefix(self, prefix: unicode, /)

Return a str with the given prefix removed if present.
*/
static PyObject *
unicode_removeprefix_impl(PyObject *self, PyObject *prefix)
{
    if (_PyUnicode_TailMatch(self, prefix, 0, PY_SSIZE_T_MAX, -1)) {
        return PyUnicode_Substring(self, PyUnicode_GET_LENGTH(prefix),
                                   PyUnicode_GET_LENGTH(self));
    }
    return _PyUnicode_Unchanged(self);
}

/*sig str.removesuffix(self, suffix: unicode, /)

Return a str with the given suffix removed if present.
*/
static PyObject *
unicode_removesuffix_impl(PyObject *self, PyObject *suffix)
{
    if (_PyUnicode_TailMatch(self, suffix, 0, PY_SSIZE_T_MAX, 1)) {
        return PyUnicode_Substring(self, 0,
                                   PyUnicode_GET_LENGTH(self) - PyUnicode_GET_LENGTH(suffix));
    }
    return _PyUnicode_Unchanged(self);
}

/* --- Searching -------------------------------------------------------------------------------- */

/* _PyUnicode_FindSlice() for an argument that has to be a str. */
static Py_ssize_t
find_sub(PyObject *self, PyObject *sub, Py_ssize_t start, Py_ssize_t end, int direction)
{
    return _PyUnicode_EnsureStr(sub) < 0 ? -2
           : _PyUnicode_FindSlice(self, sub, start, end, direction);
}

PyDoc_STRVAR(unicode_find__doc__,
    "find(sub[, start[, end]])\n\n"
    "Return the lowest index in self[start:end] where sub is found, or -1.");

static PyObject *
unicode_find(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("find", args, nargs, &sub, &start, &end) < 0) {
        return NULL;
    }
    Py_ssize_t pos = find_sub(self, sub, start, end, 1);
    return pos == -2 ? NULL : PyLong_FromSsize_t(pos);
}

PyDoc_STRVAR(unicode_rfind__doc__,
    "rfind(sub[, start[, end]])\n\n"
    "Return the highest index in self[start:end] where sub is found, or -1.");

static PyObject *
unicode_rfind(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("rfind", args, nargs, &sub, &start, &end) < 0) {
        return NULL;
    }
    Py_ssize_t pos = find_sub(self, sub, start, end, -1);
    return pos == -2 ? NULL : PyLong_FromSsize_t(pos);
}

PyDoc_STRVAR(unicode_index__doc__,
    "index(sub[, start[, end]])\n\n"
    "Like find(), but raise ValueError when sub is not found.");

static PyObject *
unicode_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("index", args, nargs, &sub, &start, &end) < 0) {
        return NULL;
    }
    Py_ssize_t pos = find_sub(self, sub, start, end, 1);
    if (pos == -1) {
        PyErr_SetString(PyExc_ValueError, "substring not found");
    }
    return pos < 0 ? NULL : PyLong_FromSsize_t(pos);
}

PyDoc_STRVAR(unicode_rindex__doc__,
    "rindex(sub[, start[, end]])\n\n"
    "Like rfind(), but raise ValueError when sub is not found.");

static PyObject *
unicode_rindex(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("rindex", args, nargs, &sub, &start, &end) < 0) {
        return NULL;
    }
    Py_ssize_t pos = find_sub(self, sub, start, end, -1);
    if (pos == -1) {
        PyErr_SetString(PyExc_ValueError, "substring not found");
    }
    return pos < 0 ? NULL : PyLong_FromSsize_t(pos);
}

PyDoc_STRVAR(unicode_count__doc__,
    "count(sub[, start[, end]])\n\n"
    "Return the number of non-overlapping occurrences of sub in self[start:end].");

static PyObject *
unicode_count(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("count", args, nargs, &sub, &start, &end) < 0) {
        return NULL;
    }
    if (_PyUnicode_EnsureStr(sub) < 0) {
        return NULL;
    }
    Py_ssize_t count = _PyUnicode_CountSlice(self, sub, start, end);
    return count < 0 ? NULL : PyLong_FromSsize_t(count);
}

/* startswith (direction -1) and endswith (1) with a str or a tuple of str. */
static PyObject *
tail_match_any(PyObject *self, PyObject *subs, Py_ssize_t start, Py_ssize_t end, int direction)
{
    const char *name = direction < 0 ? "startswith" : "endswith";
    if (PyTuple_Check(subs)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(subs); i++) {
            PyObject *sub = PyTuple_GET_ITEM(subs, i);
            if (!PyUnicode_Check(sub)) {
                PyErr_Format(PyExc_TypeError, "tuple for %s must only contain str, not %.100s",
                             name, Py_TYPE(sub)->tp_name);
                return NULL;
            }
            if (_PyUnicode_TailMatch(self, sub, start, end, direction)) {
                Py_RETURN_TRUE;
            }
        }
        Py_RETURN_FALSE;
    }
    if (!PyUnicode_Check(subs)) {
        PyErr_Format(PyExc_TypeError, "%s first arg must be str or a tuple of str, not %.100s",
                     name, Py_TYPE(subs)->tp_name);
        return NULL;
    }
    return PyBool_FromLong(_PyUnicode_TailMatch(self, subs, start, end, direction));
}

PyDoc_STRVAR(unicode_startswith__doc__,
    "startswith(prefix[, start[, end]])\n\n"
    "Tell whether self[start:end] starts with prefix, or with one of a tuple of prefixes.");

static PyObject *
unicode_startswith(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *prefix;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("startswith", args, nargs, &prefix, &start, &end) < 0) {
        return NULL;
    }
    return tail_match_any(self, prefix, start, end, -1);
}

PyDoc_STRVAR(unicode_endswith__doc__,
    "endswith(suffix[, start[, end]])\n\n"
    "Tell whether self[start:end] ends with suffix, or with one of a tuple of suffixes.");

static PyObject *
unicode_endswith(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *suffix;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("endswith", args, nargs, &suffix, &start, &end) < 0) {
        return NULL;
    }
    return tail_match_any(self, suffix, start, end, 1);
}

/* --- Cutting and joining ---------------------------------------------------------------------- */

/*sig str.replace(self, old: unicode, new: unicode, count: ssize = -1, /)

Return a copy with the first count occurrences of old replaced by new; -1 means all.
*/
static PyObject *
unicode_replace_impl(PyObject *self, PyObject *old, PyObject *new, Py_ssize_t count)
{
    return _PyUnicode_ReplaceN(self, old, new, count);
}

/*sig str.split(self, sep = None, maxsplit: ssize = -1)

Return a list of the substrings in the string, using sep as the separator string.

Without sep, runs of white space separate.  At most maxsplit cuts are made; -1 means no limit.
*/
static PyObject *
unicode_split_impl(PyObject *self, PyObject *sep, Py_ssize_t maxsplit)
{
    return _PyUnicode_SplitAny(self, sep, maxsplit);
}

/*sig str.rsplit(self, sep = None, maxsplit: ssize = -1)

Like split(), but the cuts are made from the end.
*/
static PyObject *
unicode_rsplit_impl(PyObject *self, PyObject *sep, Py_ssize_t maxsplit)
{
    return _PyUnicode_RSplitAny(self, sep, maxsplit);
}

/*sig str.splitlines(self, keepends: bool = False)

Return a list of the lines, without their line breaks unless keepends is true.
*/
static PyObject *
unicode_splitlines_impl(PyObject *self, int keepends)
{
    return PyUnicode_Splitlines(self, keepends);
}

/*sig str.partition(self, sep, /)

Return (before, sep, after) around the first sep; (self, '', '') without one.
*/
static PyObject *
unicode_partition_impl(PyObject *self, PyObject *sep)
{
    return PyUnicode_Partition(self, sep);
}

/*sig str.rpartition(self, sep, /)

Return (before, sep, after) around the last sep; ('', '', self) without one.
*/
static PyObject *
unicode_rpartition_impl(PyObject *self, PyObject *sep)
{
    return PyUnicode_RPartition(self, sep);
}

/*sig str.join(self, iterable, /)

Concatenate any number of strings, with self in between.

Example: '.'.join(['ab', 'pq', 'rs']) -> 'ab.pq.rs'
*/
static PyObject *
unicode_join_impl(PyObject *self, PyObject *iterable)
{
    return PyUnicode_Join(self, iterable);
}

/* --- Formatting, translation, encoding -------------------------------------------------------- */

/*sig @nosignature str.format(self, *args, **kwargs)

S.format(*args, **kwargs) -> str

Return a formatted version of the string, using substitutions from args and kwargs.

The substitutions are identified by braces ('{' and '}').
*/
static PyObject *
unicode_format_impl(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return _PyUnicode_DoFormat(self, args, kwargs);
}

/*sig @nosignature str.format_map(self, mapping, /)

S.format_map(mapping) -> str

Return a formatted version of the string, using substitutions from mapping.
*/
static PyObject *
unicode_format_map_impl(PyObject *self, PyObject *mapping)
{
    return _PyUnicode_DoFormat(self, NULL, mapping);
}

/*sig str.__format__(self, format_spec: unicode, /)

Return a formatted version of the string as described by format_spec.
*/
static PyObject *
unicode___format___impl(PyObject *self, PyObject *format_spec)
{
    if (PyUnicode_GET_LENGTH(format_spec) == 0) {
        return PyUnicode_CheckExact(self) ? Py_NewRef(self) : PyObject_Str(self);
    }
    _PyUnicodeWriter w;
    _PyUnicodeWriter_Init(&w);
    if (_PyUnicode_FormatAdvancedWriter(&w, self, format_spec, 0,
                                        PyUnicode_GET_LENGTH(format_spec)) < 0)
    {
        _PyUnicodeWriter_Dealloc(&w);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&w);
}

/*sig str.translate(self, table, /)

Replace each character using a table that maps ordinals to ordinals, strings or None (delete).

A LookupError leaves the character untouched.
*/
static PyObject *
unicode_translate_impl(PyObject *self, PyObject *table)
{
    return _PyUnicode_Translate(self, table, "ignore");
}

/*sig @staticmethod str.maketrans(x, y: unicode = NULL, z: unicode = NULL, /)

Return a translation table usable for str.translate().

One argument: a dict of ordinals or characters to ordinals, strings or None.  Two: strings of equal
length, each character of x is mapped to that of y.  A third: characters to delete.
*/
static PyObject *
unicode_maketrans_impl(PyObject *x, PyObject *y, PyObject *z)
{
    return _PyUnicode_MakeTrans(x, y, z);
}

/*sig str.encode(self, encoding: utf8 = c"NULL" py"'utf-8'", errors: utf8 = c"NULL" py"'strict'")

Encode the string using the codec registered for encoding.

The error handler `errors` is 'strict' by default, which raises UnicodeEncodeError.
*/
static PyObject *
unicode_encode_impl(PyObject *self, const char *encoding, const char *errors)
{
    return PyUnicode_AsEncodedString(self, encoding, errors);
}

/* --- Size, pickling --------------------------------------------------------------------------- */

/*sig str.__sizeof__(self) -> ssize

Return the size of the string in memory, in bytes.
*/
static Py_ssize_t
unicode___sizeof___impl(PyObject *self)
{
    Py_ssize_t text = (PyUnicode_GET_LENGTH(self) + 1) * (int)PyUnicode_KIND(self);
    if (PyUnicode_IS_COMPACT_ASCII(self)) {
        return (Py_ssize_t)sizeof(PyASCIIObject) + text;
    }
    PyCompactUnicodeObject *compact = (PyCompactUnicodeObject *)self;
    Py_ssize_t size = text + (PyUnicode_IS_COMPACT(self) ? (Py_ssize_t)sizeof(*compact)
                                                         : (Py_ssize_t)sizeof(PyUnicodeObject));
    if (compact->utf8 != NULL && (void *)compact->utf8 != PyUnicode_DATA(self)) {
        size += compact->utf8_length + 1;
    }
    return size;
}

/*sig @nosignature str.__getnewargs__(self)
*/
static PyObject *
unicode___getnewargs___impl(PyObject *self)
{
    PyObject *copy = _PyUnicode_Copy(self);
    return copy != NULL ? Py_BuildValue("(N)", copy) : NULL;
}

#define SUBSLICE(FUNC) (PyCFunction)(void (*)(void))FUNC, METH_FASTCALL, FUNC##__doc__

static PyMethodDef unicode_methods[] = {
    UNICODE_ENCODE_METHODDEF
    UNICODE_REPLACE_METHODDEF
    UNICODE_SPLIT_METHODDEF
    UNICODE_RSPLIT_METHODDEF
    UNICODE_JOIN_METHODDEF
    UNICODE_CAPITALIZE_METHODDEF
    UNICODE_CASEFOLD_METHODDEF
    UNICODE_TITLE_METHODDEF
    UNICODE_CENTER_METHODDEF
    {"count", SUBSLICE(unicode_count)},
    UNICODE_EXPANDTABS_METHODDEF
    {"find", SUBSLICE(unicode_find)},
    UNICODE_PARTITION_METHODDEF
    {"index", SUBSLICE(unicode_index)},
    UNICODE_LJUST_METHODDEF
    UNICODE_LOWER_METHODDEF
    UNICODE_LSTRIP_METHODDEF
    {"rfind", SUBSLICE(unicode_rfind)},
    {"rindex", SUBSLICE(unicode_rindex)},
    UNICODE_RJUST_METHODDEF
    UNICODE_RSTRIP_METHODDEF
    UNICODE_RPARTITION_METHODDEF
    UNICODE_SPLITLINES_METHODDEF
    UNICODE_STRIP_METHODDEF
    UNICODE_SWAPCASE_METHODDEF
    UNICODE_TRANSLATE_METHODDEF
    UNICODE_UPPER_METHODDEF
    {"startswith", SUBSLICE(unicode_startswith)},
    {"endswith", SUBSLICE(unicode_endswith)},
    UNICODE_REMOVEPREFIX_METHODDEF
    UNICODE_REMOVESUFFIX_METHODDEF
    UNICODE_ISASCII_METHODDEF
    UNICODE_ISLOWER_METHODDEF
    UNICODE_ISUPPER_METHODDEF
    UNICODE_ISTITLE_METHODDEF
    UNICODE_ISSPACE_METHODDEF
    UNICODE_ISDECIMAL_METHODDEF
    UNICODE_ISDIGIT_METHODDEF
    UNICODE_ISNUMERIC_METHODDEF
    UNICODE_ISALPHA_METHODDEF
    UNICODE_ISALNUM_METHODDEF
    UNICODE_ISIDENTIFIER_METHODDEF
    UNICODE_ISPRINTABLE_METHODDEF
    UNICODE_ZFILL_METHODDEF
    UNICODE_FORMAT_METHODDEF
    UNICODE_FORMAT_MAP_METHODDEF
    UNICODE___FORMAT___METHODDEF
    UNICODE_MAKETRANS_METHODDEF
    UNICODE___SIZEOF___METHODDEF
    UNICODE___GETNEWARGS___METHODDEF
    {NULL}
};

/* --- Slots ------------------------------------------------------------------------------------ */

static Py_ssize_t
unicode_length(PyObject *self)
{
    return PyUnicode_GET_LENGTH(self);
}

static PyObject *
unicode_str(PyObject *self)
{
    return _PyUnicode_Unchanged(self);
}

static PyObject *
unicode_item(PyObject *self, Py_ssize_t index)
{
    if (index < 0 || index >= PyUnicode_GET_LENGTH(self)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return NULL;
    }
    return _PyUnicode_FromChar(PyUnicode_READ_CHAR(self, index));
}

/* The characters start, start + step, ... */
static PyObject *
unicode_stride(PyObject *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    struct _unicode_view v = _PyUnicode_View(self);
    Py_UCS4 maxchar = 127;
    if (!PyUnicode_IS_ASCII(self)) {
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, start + i * step);
            maxchar = Py_MAX(maxchar, ch);
        }
    }
    PyObject *res = PyUnicode_New(n, maxchar);
    if (res == NULL) {
        return NULL;
    }
    int kind = (int)PyUnicode_KIND(res);
    void *data = PyUnicode_DATA(res);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyUnicode_WRITE(kind, data, i, PyUnicode_READ(v.kind, v.data, start + i * step));
    }
    return res;
}

static PyObject *
unicode_subscript(PyObject *self, PyObject *item)
{
    if (PyIndex_Check(item)) {
        Py_ssize_t i = PyNumber_AsSsize_t(item, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) {
            return NULL;
        }
        return unicode_item(self, i < 0 ? i + PyUnicode_GET_LENGTH(self) : i);
    }
    if (!PySlice_Check(item)) {
        PyErr_Format(PyExc_TypeError, "string indices must be integers, not '%.200s'",
                     Py_TYPE(item)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(item, &start, &stop, &step) < 0) {
        return NULL;
    }
    Py_ssize_t n = PySlice_AdjustIndices(PyUnicode_GET_LENGTH(self), &start, &stop, step);
    if (n <= 0) {
        return _PyUnicode_GetEmpty();
    }
    if (step == 1) {
        return PyUnicode_Substring(self, start, start + n);
    }
    if (n == 1) {
        return _PyUnicode_FromChar(PyUnicode_READ_CHAR(self, start));
    }
    return unicode_stride(self, start, step, n);
}

static PyObject *
unicode_mod(PyObject *v, PyObject *w)
{
    if (!PyUnicode_Check(v)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyUnicode_Format(v, w);
}

/*sig @nosignature str.__new__(type, object = NULL, encoding: utf8 = NULL,
                               errors: utf8 = NULL)

str(object='') -> str
str(bytes_or_buffer[, encoding[, errors]]) -> str

Create a new string object from the given object. If encoding or
errors is specified, then the object must expose a data buffer
that will be decoded using the given encoding and error handler.
Otherwise, returns the result of object.__str__() (if defined)
or repr(object).
encoding defaults to sys.getdefaultencoding().
errors defaults to 'strict'.
*/
static PyObject *
unicode_new_impl(PyTypeObject *type, PyObject *object, const char *encoding, const char *errors)
{
    PyObject *text;
    if (object == NULL) {
        text = _PyUnicode_GetEmpty();
    }
    else if (encoding == NULL && errors == NULL) {
        text = PyObject_Str(object);
    }
    else {
        text = PyUnicode_FromEncodedObject(object, encoding, errors);
    }
    if (text == NULL || type == &PyUnicode_Type) {
        return text;
    }
    PyObject *res = _PyUnicode_SubtypeFrom(type, text);
    Py_DECREF(text);
    return res;
}

/* str(...) called directly. */
static PyObject *
unicode_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    assert(Py_Is(_PyType_CAST(type), &PyUnicode_Type));
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (kwnames == NULL && nargs <= 1) {
        return nargs == 0 ? _PyUnicode_GetEmpty() : PyObject_Str(args[0]);
    }
    PyObject *tuple = _PyTuple_FromArray(args, nargs);
    if (tuple == NULL) {
        return NULL;
    }
    PyObject *kwargs = NULL, *res = NULL;
    if (kwnames != NULL && PyTuple_GET_SIZE(kwnames) > 0) {
        kwargs = PyDict_New();
        for (Py_ssize_t i = 0; kwargs != NULL && i < PyTuple_GET_SIZE(kwnames); i++) {
            if (PyDict_SetItem(kwargs, PyTuple_GET_ITEM(kwnames, i), args[nargs + i]) < 0) {
                Py_CLEAR(kwargs);
            }
        }
        if (kwargs == NULL) {
            Py_DECREF(tuple);
            return NULL;
        }
    }
    res = unicode_new((PyTypeObject *)type, tuple, kwargs);
    Py_DECREF(tuple);
    Py_XDECREF(kwargs);
    return res;
}

/* --- Iterators -------------------------------------------------------------------------------- */

static PyObject *
unicodeiter_next(PyObject *self)
{
    _PySeqIterObject *it = (_PySeqIterObject *)self;
    PyObject *seq = it->it_seq;
    if (seq == NULL) {
        return NULL;
    }
    if (it->it_index < PyUnicode_GET_LENGTH(seq)) {
        return _PyUnicode_FromChar(PyUnicode_READ_CHAR(seq, it->it_index++));
    }
    return _PySeqIter_Exhaust(it);
}

static PyObject *
unicode_ascii_iter_next(PyObject *self)
{
    _PySeqIterObject *it = (_PySeqIterObject *)self;
    PyObject *seq = it->it_seq;
    if (seq == NULL) {
        return NULL;
    }
    assert(PyUnicode_IS_COMPACT_ASCII(seq));
    if (it->it_index < PyUnicode_GET_LENGTH(seq)) {
        Py_UCS1 ch = PyUnicode_1BYTE_DATA(seq)[it->it_index++];
        return _PyUnicode_LATIN1_CHAR(ch);
    }
    return _PySeqIter_Exhaust(it);
}

#define ITERATOR_TYPE(NAME, NEXT) { \
    PyVarObject_HEAD_INIT(&PyType_Type, 0) \
    .tp_name = NAME, \
    .tp_basicsize = sizeof(_PySeqIterObject), \
    .tp_dealloc = _PySeqIter_Dealloc, \
    .tp_getattro = PyObject_GenericGetAttr, \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, \
    .tp_traverse = _PySeqIter_Traverse, \
    .tp_iter = PyObject_SelfIter, \
    .tp_iternext = NEXT, \
    .tp_methods = _PySeqIter_Methods, \
}

_Py_SHARED PyTypeObject PyUnicodeIter_Type = ITERATOR_TYPE("str_iterator", unicodeiter_next);
_Py_SHARED PyTypeObject _PyUnicodeASCIIIter_Type =
    ITERATOR_TYPE("str_ascii_iterator", unicode_ascii_iter_next);

static PyObject *
unicode_iter(PyObject *seq)
{
    PyTypeObject *type = PyUnicode_IS_COMPACT_ASCII(seq) ? &_PyUnicodeASCIIIter_Type
                                                         : &PyUnicodeIter_Type;
    return _PySeqIter_New(type, seq);
}

/* --- The type --------------------------------------------------------------------------------- */

static PyNumberMethods unicode_as_number = {
    .nb_remainder = unicode_mod,
};

static PySequenceMethods unicode_as_sequence = {
    .sq_length = unicode_length,
    .sq_concat = PyUnicode_Concat,
    .sq_repeat = _PyUnicode_Repeat,
    .sq_item = unicode_item,
    .sq_contains = PyUnicode_Contains,
};

static PyMappingMethods unicode_as_mapping = {
    .mp_length = unicode_length,
    .mp_subscript = unicode_subscript,
};

_Py_SHARED PyTypeObject PyUnicode_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "str",
    .tp_basicsize = sizeof(PyUnicodeObject),
    .tp_dealloc = _PyUnicode_Dealloc,
    .tp_repr = _PyUnicode_Repr,
    .tp_as_number = &unicode_as_number,
    .tp_as_sequence = &unicode_as_sequence,
    .tp_as_mapping = &unicode_as_mapping,
    .tp_hash = _PyUnicode_Hash,
    .tp_str = unicode_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_UNICODE_SUBCLASS
                | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = unicode_new__doc__,
    .tp_richcompare = PyUnicode_RichCompare,
    .tp_iter = unicode_iter,
    .tp_methods = unicode_methods,
    .tp_new = unicode_new,
    .tp_free = PyObject_Del,
    .tp_vectorcall = unicode_vectorcall,
};

/* --- Life in an interpreter ------------------------------------------------------------------- */

/* Nothing is made per interpreter: types and common strings are static. */
PyStatus
_PyUnicode_InitTypes(PyInterpreterState *Py_UNUSED(interp))
{
    return PyStatus_Ok();
}

void
_PyUnicode_Fini(PyInterpreterState *interp)
{
    _PyUnicode_ClearIds(interp);
    _PyUnicode_ClearFSCodec(interp);
    interp->unicode.ucnhash_capi = NULL;
    if (interp->heap == &interp->heap_storage) {
        _PyUnicode_ClearInternedTable(&interp->heap->interned);
    }
}
