/* The methods of bytes and bytearray: argument parsing and the two method tables.
 *
 * Both types share the wrappers; the work is done by Objects/bytes/ops.c on a view of self.
 *
 * Written from the library reference.
 */
#define PY_SSIZE_T_CLEAN            // "#" in formats means Py_ssize_t
#include "Python.h"
#include "pycore_bytes_methods.h"
#include "pycore_bytesobject.h"
#include "pycore_signature.h"
#include "pycore_strhex.h"
#include "pycore_stringops.h"
#include "pycore_global_objects.h"  // _Py_SINGLETON

#include "sig/bytes_methods.sig.h"

/* --- Predicates and case ---------------------------------------------------------------------- */

/*sig @nosignature bytes.isalpha(self)

B.isalpha() -> bool

Tell whether all bytes are ASCII letters and there is at least one.
*/
static PyObject *
bytes_isalpha_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return PyBool_FromLong(_PyBytes_Test(&v, _PyBytes_IS_ALPHA));
}

/*sig @nosignature bytes.isalnum(self)

B.isalnum() -> bool

Tell whether all bytes are ASCII letters or digits and there is at least one.
*/
static PyObject *
bytes_isalnum_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return PyBool_FromLong(_PyBytes_Test(&v, _PyBytes_IS_ALNUM));
}

/*sig @nosignature bytes.isdigit(self)

B.isdigit() -> bool

Tell whether all bytes are ASCII digits and there is at least one.
*/
static PyObject *
bytes_isdigit_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return PyBool_FromLong(_PyBytes_Test(&v, _PyBytes_IS_DIGIT));
}

/*sig @nosignature bytes.isspace(self)

B.isspace() -> bool

Tell whether all bytes are ASCII white space and there is at least one.
*/
static PyObject *
bytes_isspace_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return PyBool_FromLong(_PyBytes_Test(&v, _PyBytes_IS_SPACE));
}

/*sig @nosignature bytes.isascii(self)

B.isascii() -> bool

Tell whether all bytes are below 128; true for an empty object.
*/
static PyObject *
bytes_isascii_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return PyBool_FromLong(_PyBytes_Test(&v, _PyBytes_IS_ASCII));
}

/*sig @nosignature bytes.islower(self)

B.islower() -> bool

Tell whether there is an ASCII letter and all of them are lower case.
*/
static PyObject *
bytes_islower_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return PyBool_FromLong(_PyBytes_Test(&v, _PyBytes_IS_LOWER));
}

/*sig @nosignature bytes.isupper(self)

B.isupper() -> bool

Tell whether there is an ASCII letter and all of them are upper case.
*/
static PyObject *
bytes_isupper_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return PyBool_FromLong(_PyBytes_Test(&v, _PyBytes_IS_UPPER));
}

/*sig @nosignature bytes.istitle(self)

B.istitle() -> bool

Tell whether every ASCII word begins with an upper case letter and goes on in lower case.
*/
static PyObject *
bytes_istitle_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return PyBool_FromLong(_PyBytes_Test(&v, _PyBytes_IS_TITLE));
}

/*sig @nosignature bytes.lower(self)

B.lower() -> copy of B

Return a copy with the ASCII letters in lower case.
*/
static PyObject *
bytes_lower_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _PyBytes_ChangeCase(&v, _PyBytes_LOWER);
}

/*sig @nosignature bytes.upper(self)

B.upper() -> copy of B

Return a copy with the ASCII letters in upper case.
*/
static PyObject *
bytes_upper_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _PyBytes_ChangeCase(&v, _PyBytes_UPPER);
}

/*sig @nosignature bytes.title(self)

B.title() -> copy of B

Return a copy with every ASCII word capitalized.
*/
static PyObject *
bytes_title_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _PyBytes_ChangeCase(&v, _PyBytes_TITLE);
}

/*sig @nosignature bytes.capitalize(self)

B.capitalize() -> copy of B

Return a copy with the first byte in upper case and the rest in lower case (ASCII).
*/
static PyObject *
bytes_capitalize_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _PyBytes_ChangeCase(&v, _PyBytes_CAPITALIZE);
}

/*sig @nosignature bytes.swapcase(self)

B.swapcase() -> copy of B

Return a copy with the case of the ASCII letters exchanged.
*/
static PyObject *
bytes_swapcase_impl(PyObject *self)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _PyBytes_ChangeCase(&v, _PyBytes_SWAPCASE);
}

/* --- Padding, stripping ----------------------------------------------------------------------- */

/*sig bytes.ljust(self, width: ssize, fillchar: char = b' ', /)

Return a left-justified copy of length width, padded with fillchar.
*/
static PyObject *
bytes_ljust_impl(PyObject *self, Py_ssize_t width, char fillchar)
{
    struct _bytes_view v = _PyBytes_View(self);
    Py_ssize_t pad = width > v.n ? width - v.n : 0;
    return _PyBytes_Pad(&v, 0, pad, fillchar);
}

/*sig bytes.rjust(self, width: ssize, fillchar: char = b' ', /)

Return a right-justified copy of length width, padded with fillchar.
*/
static PyObject *
bytes_rjust_impl(PyObject *self, Py_ssize_t width, char fillchar)
{
    struct _bytes_view v = _PyBytes_View(self);
    Py_ssize_t pad = width > v.n ? width - v.n : 0;
    return _PyBytes_Pad(&v, pad, 0, fillchar);
}

/*sig bytes.center(self, width: ssize, fillchar: char = b' ', /)

Return a centered copy of length width, padded with fillchar.
*/
static PyObject *
bytes_center_impl(PyObject *self, Py_ssize_t width, char fillchar)
{
    struct _bytes_view v = _PyBytes_View(self);
    Py_ssize_t pad = width > v.n ? width - v.n : 0;
    Py_ssize_t left = pad / 2 + (pad & width & 1);
    return _PyBytes_Pad(&v, left, pad - left, fillchar);
}

/*sig bytes.zfill(self, width: ssize, /)

Return a copy padded with zeros on the left, behind a sign, to the given width.
*/
static PyObject *
bytes_zfill_impl(PyObject *self, Py_ssize_t width)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _PyBytes_ZFill(&v, width);
}

/*sig bytes.expandtabs(self, tabsize: int = 8)

Return a copy with tabs expanded to spaces.
*/
static PyObject *
bytes_expandtabs_impl(PyObject *self, int tabsize)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _PyBytes_ExpandTabs(&v, tabsize);
}

static PyObject *
strip_any(PyObject *self, int which, PyObject *bytes)
{
    if (bytes == Py_None) {
        struct _bytes_view v = _PyBytes_View(self);
        return _PyBytes_Strip(&v, which, NULL);
    }
    Py_buffer chars;
    if (PyObject_GetBuffer(bytes, &chars, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    struct _bytes_view v = _PyBytes_View(self);
    PyObject *res = _PyBytes_Strip(&v, which, &chars);
    PyBuffer_Release(&chars);
    return res;
}

/*sig bytes.strip(self, bytes = None, /)

Strip the given bytes, or ASCII white space, from both ends.
*/
static PyObject *
bytes_strip_impl(PyObject *self, PyObject *bytes)
{
    return strip_any(self, 0, bytes);
}

/*sig bytes.lstrip(self, bytes = None, /)

Strip the given bytes, or ASCII white space, from the start.
*/
static PyObject *
bytes_lstrip_impl(PyObject *self, PyObject *bytes)
{
    return strip_any(self, -1, bytes);
}

/*sig bytes.rstrip(self, bytes = None, /)

Strip the given bytes, or ASCII white space, from the end.
*/
static PyObject *
bytes_rstrip_impl(PyObject *self, PyObject *bytes)
{
    return strip_any(self, 1, bytes);
}

/*sig bytes.removeprefix(self, prefix: buffer, /)

Return a copy without the given prefix, if it is there.
*/
static PyObject *
bytes_removeprefix_impl(PyObject *self, Py_buffer *prefix)
{
    struct _bytes_view v = _PyBytes_View(self);
    if (prefix->len > 0 && prefix->len <= v.n
        && memcmp(v.s, prefix->buf, (size_t)prefix->len) == 0)
    {
        return _PyBytes_Slice(&v, prefix->len, v.n);
    }
    return _PyBytes_Slice(&v, 0, v.n);
}

/*sig bytes.removesuffix(self, suffix: buffer, /)

Return a copy without the given suffix, if it is there.
*/
static PyObject *
bytes_removesuffix_impl(PyObject *self, Py_buffer *suffix)
{
    struct _bytes_view v = _PyBytes_View(self);
    if (suffix->len > 0 && suffix->len <= v.n
        && memcmp(v.s + v.n - suffix->len, suffix->buf, (size_t)suffix->len) == 0)
    {
        return _PyBytes_Slice(&v, 0, v.n - suffix->len);
    }
    return _PyBytes_Slice(&v, 0, v.n);
}

/* --- Searching -------------------------------------------------------------------------------- */

/* Position of sub in self[start:end], -1 if absent, -2 with an exception. */
static Py_ssize_t
find_any(PyObject *self, PyObject *sub, Py_ssize_t start, Py_ssize_t end, int direction)
{
    Py_buffer buf;
    char byte;
    if (_PyBytes_ParseSub(sub, &buf, &byte) < 0) {
        return -2;
    }
    struct _bytes_view v = _PyBytes_View(self);
    _PyBytes_Clip(&start, &end, v.n);
    Py_ssize_t pos = -1;
    if (end - start >= buf.len) {
        const Py_UCS1 *s = (const Py_UCS1 *)v.s + start;
        pos = direction > 0 ? _PyUCS1_Find(s, end - start, buf.buf, buf.len)
                            : _PyUCS1_RFind(s, end - start, buf.buf, buf.len);
        if (pos >= 0) {
            pos += start;
        }
    }
    PyBuffer_Release(&buf);
    return pos;
}

PyDoc_STRVAR(bytes_find__doc__,
    "find(sub[, start[, end]])\n\n"
    "Return the lowest index in self[start:end] where sub is found, or -1.");

static PyObject *
bytes_find(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("find", args, nargs, &sub, &start, &end) < 0) {
        return NULL;
    }
    Py_ssize_t pos = find_any(self, sub, start, end, 1);
    return pos == -2 ? NULL : PyLong_FromSsize_t(pos);
}

PyDoc_STRVAR(bytes_rfind__doc__,
    "rfind(sub[, start[, end]])\n\n"
    "Return the highest index in self[start:end] where sub is found, or -1.");

static PyObject *
bytes_rfind(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("rfind", args, nargs, &sub, &start, &end) < 0) {
        return NULL;
    }
    Py_ssize_t pos = find_any(self, sub, start, end, -1);
    return pos == -2 ? NULL : PyLong_FromSsize_t(pos);
}

PyDoc_STRVAR(bytes_index__doc__,
    "index(sub[, start[, end]])\n\n"
    "Like find(), but raise ValueError when sub is not found.");

static PyObject *
bytes_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("index", args, nargs, &sub, &start, &end) < 0) {
        return NULL;
    }
    Py_ssize_t pos = find_any(self, sub, start, end, 1);
    if (pos == -1) {
        PyErr_SetString(PyExc_ValueError, "subsection not found");
    }
    return pos < 0 ? NULL : PyLong_FromSsize_t(pos);
}

PyDoc_STRVAR(bytes_rindex__doc__,
    "rindex(sub[, start[, end]])\n\n"
    "Like rfind(), but raise ValueError when sub is not found.");

static PyObject *
bytes_rindex(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("rindex", args, nargs, &sub, &start, &end) < 0) {
        return NULL;
    }
    Py_ssize_t pos = find_any(self, sub, start, end, -1);
    if (pos == -1) {
        PyErr_SetString(PyExc_ValueError, "subsection not found");
    }
    return pos < 0 ? NULL : PyLong_FromSsize_t(pos);
}

PyDoc_STRVAR(bytes_count__doc__,
    "count(sub[, start[, end]])\n\n"
    "Return the number of non-overlapping occurrences of sub in self[start:end].");

static PyObject *
bytes_count(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("count", args, nargs, &sub, &start, &end) < 0) {
        return NULL;
    }
    Py_buffer buf;
    char byte;
    if (_PyBytes_ParseSub(sub, &buf, &byte) < 0) {
        return NULL;
    }
    struct _bytes_view v = _PyBytes_View(self);
    _PyBytes_Clip(&start, &end, v.n);
    Py_ssize_t count = 0;
    if (end - start >= buf.len) {
        count = _PyUCS1_Count((const Py_UCS1 *)v.s + start, end - start, buf.buf, buf.len,
                              PY_SSIZE_T_MAX);
    }
    PyBuffer_Release(&buf);
    return PyLong_FromSsize_t(count);
}

PyDoc_STRVAR(bytes_startswith__doc__,
    "startswith(prefix[, start[, end]])\n\n"
    "Tell whether self[start:end] starts with prefix, or with one of a tuple of prefixes.");

static PyObject *
bytes_startswith(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *prefix;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("startswith", args, nargs, &prefix, &start, &end) < 0) {
        return NULL;
    }
    return _PyBytes_TailMatchAny(self, prefix, start, end, -1);
}

PyDoc_STRVAR(bytes_endswith__doc__,
    "endswith(suffix[, start[, end]])\n\n"
    "Tell whether self[start:end] ends with suffix, or with one of a tuple of suffixes.");

static PyObject *
bytes_endswith(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *suffix;
    Py_ssize_t start, end;
    if (_PyText_ParseSubSlice("endswith", args, nargs, &suffix, &start, &end) < 0) {
        return NULL;
    }
    return _PyBytes_TailMatchAny(self, suffix, start, end, 1);
}

/* --- Cutting and joining ---------------------------------------------------------------------- */

/*sig bytes.split(self, sep = None, maxsplit: ssize = -1)

Return a list of the sections of the object, using sep as the delimiter.

Without sep, runs of ASCII white space separate.  At most maxsplit cuts are made; -1 means no limit.
*/
static PyObject *
bytes_split_impl(PyObject *self, PyObject *sep, Py_ssize_t maxsplit)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _PyBytes_SplitBy(&v, sep, maxsplit, 0);
}

/*sig bytes.rsplit(self, sep = None, maxsplit: ssize = -1)

Like split(), but the cuts are made from the end.
*/
static PyObject *
bytes_rsplit_impl(PyObject *self, PyObject *sep, Py_ssize_t maxsplit)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _PyBytes_SplitBy(&v, sep, maxsplit, 1);
}

/*sig bytes.splitlines(self, keepends: bool = False)

Return a list of the lines, without their line breaks unless keepends is true.
*/
static PyObject *
bytes_splitlines_impl(PyObject *self, int keepends)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _PyBytes_SplitLines(&v, keepends);
}

static PyObject *
partition_any(PyObject *self, PyObject *sep, int direction)
{
    Py_buffer buf;
    if (PyObject_GetBuffer(sep, &buf, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    struct _bytes_view v = _PyBytes_View(self);
    PyObject *res = _PyBytes_Partition(&v, &buf, sep, direction);
    PyBuffer_Release(&buf);
    return res;
}

/*sig bytes.partition(self, sep, /)

Return (before, sep, after) around the first sep; (self, empty, empty) without one.
*/
static PyObject *
bytes_partition_impl(PyObject *self, PyObject *sep)
{
    return partition_any(self, sep, 1);
}

/*sig bytes.rpartition(self, sep, /)

Return (before, sep, after) around the last sep; (empty, empty, self) without one.
*/
static PyObject *
bytes_rpartition_impl(PyObject *self, PyObject *sep)
{
    return partition_any(self, sep, -1);
}

/*sig bytes.join(self, iterable_of_bytes, /)

Concatenate any number of bytes-like objects, with self in between.
*/
static PyObject *
bytes_join_impl(PyObject *self, PyObject *iterable_of_bytes)
{
    struct _bytes_view v = _PyBytes_View(self);
    if (!PyByteArray_Check(self)) {
        return _PyBytes_JoinView(&v, iterable_of_bytes);
    }
    /* The iterator must not move the separator. */
    ((PyByteArrayObject *)self)->ob_exports++;
    PyObject *joined = _PyBytes_JoinView(&v, iterable_of_bytes);
    ((PyByteArrayObject *)self)->ob_exports--;
    return joined;
}

/*sig bytes.replace(self, old: buffer, new: buffer, count: ssize = -1, /)

Return a copy with the first count occurrences of old replaced by new; -1 means all.
*/
static PyObject *
bytes_replace_impl(PyObject *self, Py_buffer *old, Py_buffer *new, Py_ssize_t count)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _PyBytes_Replace(&v, old, new, count);
}

/*sig bytes.translate(self, table, /, delete = b'')

Return a copy without the bytes of delete, the others mapped by table.

The table is a bytes-like object of length 256, or None to map nothing.
*/
static PyObject *
bytes_translate_impl(PyObject *self, PyObject *table, PyObject *delete)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _PyBytes_Translate(&v, table, delete);
}

/*sig @staticmethod bytes.maketrans(frm: buffer, to: buffer, /)

Return a table for translate() that maps each byte of frm to the byte of to at its position.
*/
static PyObject *
bytes_maketrans_impl(Py_buffer *frm, Py_buffer *to)
{
    return _PyBytes_MakeTrans(frm, to);
}

/* --- Text and hexadecimal --------------------------------------------------------------------- */

/*sig bytes.decode(self, encoding: utf8 = c"NULL" py"'utf-8'",
                  errors: utf8 = c"NULL" py"'strict'")

Decode the bytes using the codec registered for encoding (default UTF-8).

The error handler `errors` is 'strict' by default, which raises UnicodeDecodeError.
*/
static PyObject *
bytes_decode_impl(PyObject *self, const char *encoding, const char *errors)
{
    return PyUnicode_FromEncodedObject(self, encoding, errors);
}

/*sig bytes.hex(self, sep = NULL, bytes_per_sep: int = 1)

Return the bytes as hexadecimal text, two digits a byte.

A separator of one ASCII character goes between groups of bytes_per_sep bytes; groups are counted
from the right, or from the left when the number is negative.

>>> data = b'\x10\x2f\xa0'
>>> data.hex()
'102fa0'
>>> data.hex(':')
'10:2f:a0'
>>> data.hex(' ', 2)
'10 2fa0'
>>> data.hex(' ', -2)
'102f a0'
*/
static PyObject *
bytes_hex_impl(PyObject *self, PyObject *sep, int bytes_per_sep)
{
    struct _bytes_view v = _PyBytes_View(self);
    return _Py_strhex_with_sep(v.s, v.n, sep, bytes_per_sep);
}

/*sig @classmethod bytes.fromhex(type, string: unicode, /)

Create an object from pairs of hexadecimal digits; spaces between them are accepted.
*/
static PyObject *
bytes_fromhex_impl(PyTypeObject *type, PyObject *string)
{
    int as_bytearray = PyType_IsSubtype(type, &PyByteArray_Type);
    PyObject *res = _PyBytes_FromHex(string, as_bytearray);
    if (res != NULL && type != &PyBytes_Type && type != &PyByteArray_Type) {
        Py_SETREF(res, PyObject_CallOneArg((PyObject *)type, res));
    }
    return res;
}

/*sig bytes.__bytes__(self)

Convert this value to exact type bytes.
*/
static PyObject *
bytes___bytes___impl(PyObject *self)
{
    if (PyBytes_CheckExact(self)) {
        return Py_NewRef(self);
    }
    return PyBytes_FromStringAndSize(PyBytes_AS_STRING(self), PyBytes_GET_SIZE(self));
}

/*sig @nosignature bytes.__getnewargs__(self)
*/
static PyObject *
bytes___getnewargs___impl(PyObject *self)
{
    return Py_BuildValue("(y#)", PyBytes_AS_STRING(self), PyBytes_GET_SIZE(self));
}

/* --- Only bytearray --------------------------------------------------------------------------- */

/*sig bytearray.append(self, item: conv[_PyBytes_GetByteArg, int], /)

Append a single byte.
*/
static PyObject *
bytearray_append_impl(PyObject *self, int item)
{
    return _PyByteArray_Append(self, item);
}

/*sig bytearray.insert(self, index: ssize, item: conv[_PyBytes_GetByteArg, int], /)

Insert a single byte before the given index.
*/
static PyObject *
bytearray_insert_impl(PyObject *self, Py_ssize_t index, int item)
{
    return _PyByteArray_Insert(self, index, item);
}

/*sig bytearray.extend(self, iterable_of_ints, /)

Append all the bytes of an iterable or buffer.
*/
static PyObject *
bytearray_extend_impl(PyObject *self, PyObject *iterable_of_ints)
{
    return _PyByteArray_Extend(self, iterable_of_ints);
}

/*sig bytearray.pop(self, index: ssize = -1, /)

Remove and return the byte at index, by default the last.
*/
static PyObject *
bytearray_pop_impl(PyObject *self, Py_ssize_t index)
{
    return _PyByteArray_Pop(self, index);
}

/*sig bytearray.remove(self, value: conv[_PyBytes_GetByteArg, int], /)

Remove the first occurrence of a byte.
*/
static PyObject *
bytearray_remove_impl(PyObject *self, int value)
{
    return _PyByteArray_Remove(self, value);
}

/*sig bytearray.reverse(self)

Reverse the order of the bytes in place.
*/
static PyObject *
bytearray_reverse_impl(PyObject *self)
{
    return _PyByteArray_Reverse(self);
}

/*sig bytearray.copy(self)

Return a copy.
*/
static PyObject *
bytearray_copy_impl(PyObject *self)
{
    return PyByteArray_FromStringAndSize(PyByteArray_AS_STRING(self), PyByteArray_GET_SIZE(self));
}

/*sig bytearray.clear(self) -> None

Remove all bytes.
*/
static int
bytearray_clear_impl(PyObject *self)
{
    return PyByteArray_Resize(self, 0);
}

/*sig @nosignature bytearray.__alloc__(self) -> ssize

Return the number of bytes actually allocated.
*/
static Py_ssize_t
bytearray___alloc___impl(PyObject *self)
{
    return ((PyByteArrayObject *)self)->ob_alloc;
}

/*sig bytearray.__reduce__(self)

Return state information for pickling.
*/
static PyObject *
bytearray___reduce___impl(PyObject *self)
{
    return _PyByteArray_ReduceEx(self, 2);
}

/*sig bytearray.__reduce_ex__(self, proto: int = 0, /)

Return state information for pickling.
*/
static PyObject *
bytearray___reduce_ex___impl(PyObject *self, int proto)
{
    return _PyByteArray_ReduceEx(self, proto);
}

/*sig bytearray.__sizeof__(self) -> ssize

Return the size of the object in memory, in bytes.
*/
static Py_ssize_t
bytearray___sizeof___impl(PyObject *self)
{
    return Py_TYPE(self)->tp_basicsize + ((PyByteArrayObject *)self)->ob_alloc;
}

/* --- Tables ----------------------------------------------------------------------------------- */

#define SUBSLICE(FUNC) (PyCFunction)(void (*)(void))FUNC, METH_FASTCALL, FUNC##__doc__

#define COMMON_METHODS \
    BYTES_ISALNUM_METHODDEF BYTES_ISALPHA_METHODDEF BYTES_ISASCII_METHODDEF \
    BYTES_ISDIGIT_METHODDEF BYTES_ISLOWER_METHODDEF BYTES_ISSPACE_METHODDEF \
    BYTES_ISTITLE_METHODDEF BYTES_ISUPPER_METHODDEF BYTES_LOWER_METHODDEF \
    BYTES_UPPER_METHODDEF BYTES_TITLE_METHODDEF BYTES_CAPITALIZE_METHODDEF \
    BYTES_SWAPCASE_METHODDEF BYTES_CENTER_METHODDEF BYTES_LJUST_METHODDEF \
    BYTES_RJUST_METHODDEF BYTES_ZFILL_METHODDEF BYTES_EXPANDTABS_METHODDEF \
    BYTES_STRIP_METHODDEF BYTES_LSTRIP_METHODDEF BYTES_RSTRIP_METHODDEF \
    BYTES_REMOVEPREFIX_METHODDEF BYTES_REMOVESUFFIX_METHODDEF {"find", SUBSLICE(bytes_find)}, \
    {"rfind", SUBSLICE(bytes_rfind)}, {"index", SUBSLICE(bytes_index)}, \
    {"rindex", SUBSLICE(bytes_rindex)}, {"count", SUBSLICE(bytes_count)}, \
    {"startswith", SUBSLICE(bytes_startswith)}, {"endswith", SUBSLICE(bytes_endswith)}, \
    BYTES_SPLIT_METHODDEF BYTES_RSPLIT_METHODDEF BYTES_SPLITLINES_METHODDEF \
    BYTES_PARTITION_METHODDEF BYTES_RPARTITION_METHODDEF BYTES_JOIN_METHODDEF \
    BYTES_REPLACE_METHODDEF BYTES_TRANSLATE_METHODDEF BYTES_MAKETRANS_METHODDEF \
    BYTES_DECODE_METHODDEF BYTES_HEX_METHODDEF BYTES_FROMHEX_METHODDEF

const PyMethodDef _PyBytes_methods[] = {
    COMMON_METHODS
    BYTES___BYTES___METHODDEF
    BYTES___GETNEWARGS___METHODDEF
    {NULL}
};

const PyMethodDef _PyByteArray_methods[] = {
    COMMON_METHODS
    BYTEARRAY_APPEND_METHODDEF
    BYTEARRAY_INSERT_METHODDEF
    BYTEARRAY_EXTEND_METHODDEF
    BYTEARRAY_POP_METHODDEF
    BYTEARRAY_REMOVE_METHODDEF
    BYTEARRAY_REVERSE_METHODDEF
    BYTEARRAY_COPY_METHODDEF
    BYTEARRAY_CLEAR_METHODDEF
    BYTEARRAY___ALLOC___METHODDEF
    BYTEARRAY___REDUCE___METHODDEF
    BYTEARRAY___REDUCE_EX___METHODDEF
    BYTEARRAY___SIZEOF___METHODDEF
    {NULL}
};
