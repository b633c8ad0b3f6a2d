/* str: predicates, case conversion, repr, identifiers, digits to ASCII.
 *
 * ASCII strings take a path of their own through the tables of pyctype.h.  Other strings are
 * converted character by character with the full mappings (one character may become three) into a
 * UCS4 buffer.  A capital sigma at the end of a word becomes a final sigma.
 *
 * Written from the library reference and the Unicode standard (3.13, default case algorithms).
 */
#include "Python.h"
#include "pycore_object.h"
#include "pycore_unicode.h"

/* --- Predicates ------------------------------------------------------------------------------- */

static int
is_alnum(Py_UCS4 ch)
{
    return Py_UNICODE_ISALNUM(ch);
}

static int
is_space(Py_UCS4 ch)
{
    return Py_UNICODE_ISSPACE(ch);
}

static int
test_lower_or_upper(const struct _unicode_view *v, int want_lower)
{
    int cased = 0;
    for (Py_ssize_t i = 0; i < v->length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v->kind, v->data, i);
        int lower = _PyUnicode_IsLowercase(ch), upper = _PyUnicode_IsUppercase(ch);
        if ((want_lower ? upper : lower) || _PyUnicode_IsTitlecase(ch)) {
            return 0;
        }
        cased |= want_lower ? lower : upper;
    }
    return cased;
}

static int
test_title(const struct _unicode_view *v)
{
    int cased = 0, previous_cased = 0;
    for (Py_ssize_t i = 0; i < v->length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v->kind, v->data, i);
        int start = _PyUnicode_IsUppercase(ch) || _PyUnicode_IsTitlecase(ch);
        int follow = !start && _PyUnicode_IsLowercase(ch);
        if ((start && previous_cased) || (follow && !previous_cased)) {
            return 0;
        }
        previous_cased = start || follow;
        cased |= previous_cased;
    }
    return cased;
}

/* Does the predicate hold for the whole string?  For the empty one only IS_PRINTABLE does. */
int
_PyUnicode_Test(PyObject *str, enum _unicode_predicate what)
{
    static int (*const tests[])(Py_UCS4) = {
        [_PyUnicode_IS_ALPHA] = _PyUnicode_IsAlpha,
        [_PyUnicode_IS_ALNUM] = is_alnum,
        [_PyUnicode_IS_DECIMAL] = _PyUnicode_IsDecimalDigit,
        [_PyUnicode_IS_DIGIT] = _PyUnicode_IsDigit,
        [_PyUnicode_IS_NUMERIC] = _PyUnicode_IsNumeric,
        [_PyUnicode_IS_SPACE] = is_space,
        [_PyUnicode_IS_PRINTABLE] = _PyUnicode_IsPrintable,
    };
    struct _unicode_view v = _PyUnicode_View(str);
    switch (what) {
    case _PyUnicode_IS_LOWER: return test_lower_or_upper(&v, 1);
    case _PyUnicode_IS_UPPER: return test_lower_or_upper(&v, 0);
    case _PyUnicode_IS_TITLE: return test_title(&v);
    default: break;
    }
    for (Py_ssize_t i = 0; i < v.length; i++) {
        if (!tests[what](PyUnicode_READ(v.kind, v.data, i))) {
            return 0;
        }
    }
    return v.length > 0 || what == _PyUnicode_IS_PRINTABLE;
}

/* --- Identifiers ------------------------------------------------------------------------------ */

/* Length of the longest prefix that is an identifier; 0 if there is none. */
Py_ssize_t
_PyUnicode_ScanIdentifier(PyObject *self)
{
    struct _unicode_view v = _PyUnicode_View(self);
    if (v.length == 0) {
        return 0;
    }
    Py_UCS4 first = PyUnicode_READ(v.kind, v.data, 0);
    if (!_PyUnicode_IsXidStart(first) && first != '_') {
        return 0;
    }
    Py_ssize_t i = 1;
    while (i < v.length && _PyUnicode_IsXidContinue(PyUnicode_READ(v.kind, v.data, i))) {
        i++;
    }
    return i;
}

int
PyUnicode_IsIdentifier(PyObject *self)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(self);
    return n > 0 && _PyUnicode_ScanIdentifier(self) == n;
}

/* --- Case ------------------------------------------------------------------------------------- */

enum how { LOWER, UPPER, TITLE, CAPITALIZE, SWAP, FOLD };

static PyObject *
convert_ascii(PyObject *str, enum how how)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(str);
    const Py_UCS1 *s = PyUnicode_1BYTE_DATA(str);
    if (n == 0) {
        return _PyUnicode_GetEmpty();
    }
    PyObject *res = PyUnicode_New(n, 127);
    if (res == NULL) {
        return NULL;
    }
    Py_UCS1 *out = PyUnicode_1BYTE_DATA(res);
    int after_letter = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        int upper;
        switch (how) {
        case UPPER: upper = 1; break;
        case TITLE: upper = !after_letter; break;
        case CAPITALIZE: upper = i == 0; break;
        case SWAP: upper = Py_ISLOWER(s[i]); break;
        default: upper = 0; break;
        }
        after_letter = Py_ISALPHA(s[i]) != 0;
        out[i] = upper ? Py_TOUPPER(s[i]) : Py_TOLOWER(s[i]);
    }
    return res;
}

/* Is the sigma at i the last letter of a word?  Case-ignorable characters do not count. */
static int
is_final_sigma(const struct _unicode_view *v, Py_ssize_t i)
{
    Py_ssize_t j = i - 1;
    while (j >= 0 && _PyUnicode_IsCaseIgnorable(PyUnicode_READ(v->kind, v->data, j))) {
        j--;
    }
    if (j < 0 || !_PyUnicode_IsCased(PyUnicode_READ(v->kind, v->data, j))) {
        return 0;
    }
    j = i + 1;
    while (j < v->length && _PyUnicode_IsCaseIgnorable(PyUnicode_READ(v->kind, v->data, j))) {
        j++;
    }
    return j == v->length || !_PyUnicode_IsCased(PyUnicode_READ(v->kind, v->data, j));
}

static int
lower_at(const struct _unicode_view *v, Py_ssize_t i, Py_UCS4 *out)
{
    Py_UCS4 ch = PyUnicode_READ(v->kind, v->data, i);
    if (ch == 0x3a3) {
        out[0] = is_final_sigma(v, i) ? 0x3c2 : 0x3c3;
        return 1;
    }
    return _PyUnicode_ToLowerFull(ch, out);
}

/* Convert the character at i; the number of characters written to out. */
static int
convert_at(const struct _unicode_view *v, Py_ssize_t i, enum how how, int after_cased,
           Py_UCS4 *out)
{
    Py_UCS4 ch = PyUnicode_READ(v->kind, v->data, i);
    switch (how) {
    case LOWER: return lower_at(v, i, out);
    case UPPER: return _PyUnicode_ToUpperFull(ch, out);
    case FOLD: return _PyUnicode_ToFoldedFull(ch, out);
    case TITLE: return after_cased ? lower_at(v, i, out) : _PyUnicode_ToTitleFull(ch, out);
    case CAPITALIZE: return i > 0 ? lower_at(v, i, out) : _PyUnicode_ToTitleFull(ch, out);
    case SWAP:
        if (_PyUnicode_IsUppercase(ch)) {
            return lower_at(v, i, out);
        }
        if (_PyUnicode_IsLowercase(ch)) {
            return _PyUnicode_ToUpperFull(ch, out);
        }
        out[0] = ch;
        return 1;
    }
    Py_UNREACHABLE();
}

static PyObject *
convert(PyObject *str, enum how how)
{
    if (PyUnicode_IS_ASCII(str)) {
        return convert_ascii(str, how);
    }
    struct _unicode_view v = _PyUnicode_View(str);
    if (v.length > PY_SSIZE_T_MAX / (3 * (Py_ssize_t)sizeof(Py_UCS4))) {
        PyErr_SetString(PyExc_OverflowError, "string is too long");
        return NULL;
    }
    Py_UCS4 *out = PyMem_New(Py_UCS4, 3 * v.length);
    if (out == NULL) {
        return PyErr_NoMemory();
    }
    Py_ssize_t n = 0;
    int after_cased = 0;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        n += convert_at(&v, i, how, after_cased, out + n);
        if (how == TITLE) {
            after_cased = _PyUnicode_IsCased(PyUnicode_READ(v.kind, v.data, i));
        }
    }
    assert(n <= 3 * v.length);
    PyObject *res = _PyUnicode_FromUCS4(out, n);
    PyMem_Free(out);
    return res;
}

PyObject *
_PyUnicode_Lower(PyObject *str)
{
    return convert(str, LOWER);
}

PyObject *
_PyUnicode_Upper(PyObject *str)
{
    return convert(str, UPPER);
}

PyObject *
_PyUnicode_Title(PyObject *str)
{
    return convert(str, TITLE);
}

PyObject *
_PyUnicode_Capitalize(PyObject *str)
{
    return convert(str, CAPITALIZE);
}

PyObject *
_PyUnicode_SwapCase(PyObject *str)
{
    return convert(str, SWAP);
}

PyObject *
_PyUnicode_CaseFold(PyObject *str)
{
    return convert(str, FOLD);
}

/* --- Digits and spaces to ASCII --------------------------------------------------------------- */

/* For int() and float(): decimal digits become ASCII digits, white space becomes a space, and any
   other character above ASCII a question mark, where the string ends.  New reference. */
PyObject *
_PyUnicode_TransformDecimalAndSpaceToASCII(PyObject *unicode)
{
    if (!PyUnicode_Check(unicode)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyUnicode_IS_ASCII(unicode)) {
        return Py_NewRef(unicode);
    }
    struct _unicode_view v = _PyUnicode_View(unicode);
    PyObject *res = PyUnicode_New(v.length, 127);
    if (res == NULL) {
        return NULL;
    }
    Py_UCS1 *out = PyUnicode_1BYTE_DATA(res);
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        int digit;
        if (ch < 127) {
            out[i] = (Py_UCS1)ch;
        }
        else if (Py_UNICODE_ISSPACE(ch)) {
            out[i] = ' ';
        }
        else if ((digit = _PyUnicode_ToDecimalDigit(ch)) >= 0) {
            out[i] = (Py_UCS1)('0' + digit);
        }
        else {
            out[i] = '?';
            if (PyUnicode_Resize(&res, i + 1) < 0) {
                Py_CLEAR(res);
            }
            break;
        }
    }
    return res;
}

/* --- repr ------------------------------------------------------------------------------------- */

/* Characters that the repr needs for ch besides the quotes. */
static int
repr_width(Py_UCS4 ch)
{
    if (ch == '\\' || ch == '\t' || ch == '\n' || ch == '\r') {
        return 2;
    }
    if (ch < ' ' || ch == 0x7f) {
        return 4;
    }
    if (ch < 0x7f || _PyUnicode_IsPrintable(ch)) {
        return 1;
    }
    return ch < 0x100 ? 4 : ch < 0x10000 ? 6 : 10;
}

static Py_ssize_t
put_escape(int kind, void *data, Py_ssize_t pos, Py_UCS4 ch, int width)
{
    PyUnicode_WRITE(kind, data, pos++, '\\');
    if (width == 2) {
        Py_UCS4 c = ch == '\t' ? 't' : ch == '\n' ? 'n' : ch == '\r' ? 'r' : ch;
        PyUnicode_WRITE(kind, data, pos++, c);
        return pos;
    }
    PyUnicode_WRITE(kind, data, pos++, width == 4 ? 'x' : width == 6 ? 'u' : 'U');
    for (int shift = 4 * (width - 3); shift >= 0; shift -= 4) {
        PyUnicode_WRITE(kind, data, pos++, (Py_UCS4)Py_hexdigits[(ch >> shift) & 15]);
    }
    return pos;
}

PyObject *
_PyUnicode_Repr(PyObject *str)
{
    struct _unicode_view v = _PyUnicode_View(str);
    Py_ssize_t size = 2, single = 0, dbl = 0;
    Py_UCS4 maxchar = 127;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        single += ch == '\'';
        dbl += ch == '"';
        int width = repr_width(ch);
        if (width == 1) {
            maxchar = Py_MAX(maxchar, ch);
        }
        if (size > PY_SSIZE_T_MAX - width) {
            PyErr_SetString(PyExc_OverflowError, "string is too long to generate repr");
            return NULL;
        }
        size += width;
    }
    Py_UCS4 quote = '\'';
    if (single > 0) {
        if (dbl == 0) {
            quote = '"';
        }
        else if (single > PY_SSIZE_T_MAX - size) {
            PyErr_SetString(PyExc_OverflowError, "string is too long to generate repr");
            return NULL;
        }
        else {
            size += single;
        }
    }
    PyObject *res = PyUnicode_New(size, maxchar);
    if (res == NULL) {
        return NULL;
    }
    int kind = (int)PyUnicode_KIND(res);
    void *data = PyUnicode_DATA(res);
    PyUnicode_WRITE(kind, data, 0, quote);
    if (size == v.length + 2) {
        _PyUnicode_CopyKind(kind, data, 1, v.kind, v.data, 0, v.length);
    }
    else {
        Py_ssize_t pos = 1;
        for (Py_ssize_t i = 0; i < v.length; i++) {
            Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
            int width = ch == quote ? 2 : repr_width(ch);
            if (width == 1) {
                PyUnicode_WRITE(kind, data, pos++, ch);
            }
            else {
                pos = put_escape(kind, data, pos, ch, width);
            }
        }
        assert(pos == size - 1);
    }
    PyUnicode_WRITE(kind, data, size - 1, quote);
    return res;
}
