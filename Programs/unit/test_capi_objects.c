/* The C API of the concrete types: int, float, str, bytes, list, tuple, dict, set, slices, weak
 * references; and of the protocols.  Results, exceptions and their texts as on 3.12.
 * Written from the C API reference and by running it in CPython 3.12. */
#include "capi.h"

#include <errno.h>
#include <float.h>
#include <limits.h>
#include <math.h>

/* ---- int ---- */

static void
test_long(struct unit_result *result)
{
    static const char *const numbers[] = {
        "0", "1", "-1", "255", "256", "257", "-5", "-6", "2**30-1", "2**30", "-2**30", "2**60",
        "2**62", "2**63-1", "-2**63", "2**63", "2**64-1", "2**64", "-2**63-1", "-2**64", "10**50",
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(numbers); i++) {
        PyObject *v = V(numbers[i]);
        int overflow = 7;
        long l = PyLong_AsLong(v);
        if (PyErr_Occurred()) {
            RAISES(l == -1, PyExc_OverflowError, "Python int too large to convert to C long");
            CHECK(PyLong_AsLongAndOverflow(v, &overflow) == -1 && overflow != 0);
            CHECK(!PyErr_Occurred());
            CHECK((overflow > 0) == (_PyLong_Sign(v) > 0));
            RAISES(PyLong_AsLongLong(v) == -1, PyExc_OverflowError, "int too big to convert");
            RAISES(PyLong_AsSsize_t(v) == -1, PyExc_OverflowError,
                   "Python int too large to convert to C ssize_t");
            CHECK(PyLong_AsLongLongAndOverflow(v, &overflow) == -1 && overflow != 0);
        }
        else {
            CHECK(PyLong_AsLongAndOverflow(v, &overflow) == l && overflow == 0);
            CHECK(PyLong_AsLongLong(v) == l && PyLong_AsSsize_t(v) == l);
            EQ(PyLong_FromLong(l), numbers[i]);
            EQ(PyLong_FromLongLong(l), numbers[i]);
            EQ(PyLong_FromSsize_t(l), numbers[i]);
        }
        unsigned long u = PyLong_AsUnsignedLong(v);
        if (PyErr_Occurred()) {
            RAISES(u == (unsigned long)-1, PyExc_OverflowError,
                   _PyLong_Sign(v) < 0 ? "can't convert negative value to unsigned int"
                   : "Python int too large to convert to C unsigned long");
            (void)PyLong_AsUnsignedLongLong(v);
            RAISES(1, PyExc_OverflowError, _PyLong_Sign(v) < 0
                   ? "can't convert negative int to unsigned" : "int too big to convert");
            (void)PyLong_AsSize_t(v);
            RAISES(1, PyExc_OverflowError, _PyLong_Sign(v) < 0
                   ? "can't convert negative value to size_t"
                   : "Python int too large to convert to C size_t");
        }
        else {
            CHECK(PyLong_AsUnsignedLongLong(v) == u && PyLong_AsSize_t(v) == u);
            EQ(PyLong_FromUnsignedLong(u), numbers[i]);
            EQ(PyLong_FromUnsignedLongLong(u), numbers[i]);
            EQ(PyLong_FromSize_t(u), numbers[i]);
        }
        unsigned long mask = PyLong_AsUnsignedLongMask(v);
        FINE(mask == (unsigned long)PyLong_AsUnsignedLongLongMask(v));
        PyObject *low = PyLong_FromUnsignedLong(mask);
        EQ(capi_eval("(a & (2**64-1)) == b", v, low, NULL), "True");
        Py_XDECREF(low);
        double d = PyLong_AsDouble(v);
        FINE(d == PyFloat_AsDouble(v));
        PyObject *digits = PyObject_Str(v);
        char *end;
        EQ(PyLong_FromString(PyUnicode_AsUTF8(digits), &end, 10), numbers[i]);
        CHECK(*end == '\0');
        EQ(PyLong_FromUnicodeObject(digits, 10), numbers[i]);
        Py_DECREF(digits);
        Py_DECREF(v);
    }
    PyObject *huge = V("10**400");
    RAISES(PyLong_AsDouble(huge) == -1.0, PyExc_OverflowError, "int too large to convert to float");
    Py_DECREF(huge);
    PyObject *text = V("'12'"), *half = V("0.5"), *index = V("type('I', (), {'__index__':"
                                                              " lambda s: 5})()");
    RAISES(PyLong_AsLong(text) == -1, PyExc_TypeError,
           "'str' object cannot be interpreted as an integer");
    RAISES(PyLong_AsLong(half) == -1, PyExc_TypeError,
           "'float' object cannot be interpreted as an integer");
    FINE(PyLong_AsLong(index) == 5);
    FINE(PyLong_AsLongLong(index) == 5);
    FINE(PyLong_AsUnsignedLongMask(index) == 5);
    RAISES(PyLong_AsSsize_t(index) == -1, PyExc_TypeError, "an integer is required");
    RAISES(PyLong_AsSize_t(index) == (size_t)-1, PyExc_TypeError, "an integer is required");
    RAISES(PyLong_AsUnsignedLong(index) == (unsigned long)-1, PyExc_TypeError,
           "an integer is required");
    RAISES(PyLong_AsDouble(text) == -1.0, PyExc_TypeError, "an integer is required");
    RAISES(PyLong_AsLong(NULL) == -1, PyExc_SystemError, NULL);
    RAISES(PyLong_AsUnsignedLong(NULL) == (unsigned long)-1, PyExc_SystemError, NULL);
    RAISES(PyLong_AsSsize_t(NULL) == -1, PyExc_SystemError, NULL);
    RAISES(PyLong_FromString("12x", NULL, 10) == NULL, PyExc_ValueError,
           "invalid literal for int() with base 10: '12x'");
    RAISES(PyLong_FromString("12", NULL, 1) == NULL, PyExc_ValueError,
           "int() arg 2 must be >= 2 and <= 36");
    char *end = NULL;
    const char *source = " 0x_1f  ";
    EQ(PyLong_FromString(source, &end, 0), "31");
    RAISES(PyLong_FromDouble(NAN) == NULL, PyExc_ValueError, "cannot convert float NaN to integer");
    RAISES(PyLong_FromDouble(INFINITY) == NULL, PyExc_OverflowError,
           "cannot convert float infinity to integer");
    EQ(PyLong_FromDouble(-1e20), "-10**20");
    void *p = result;
    PyObject *address = PyLong_FromVoidPtr(p);
    FINE(PyLong_AsVoidPtr(address) == p);
    Py_DECREF(address);
    Py_DECREF(text);
    Py_DECREF(half);
    Py_DECREF(index);
}

static void
test_strtol(struct unit_result *result)
{
    static const struct {
        const char *text;
        int base;
        unsigned long u;
        int u_end;
        long l;
        int l_end, u_errno, l_errno;
    } rows[] = {
        {"", 10, 0, 0, 0, 0, 0, 0},
        {" 12x", 10, 12, 3, 12, 3, 0, 0},
        {"-12", 10, 0, 0, -12, 3, 0, 0},
        {"- 12", 10, 0, 0, -12, 4, 0, 0},
        {"+12", 0, 0, 0, 12, 3, 0, 0},
        {"+-1", 10, 0, 0, 0, 1, 0, 0},
        {"012", 0, 0, 1, 0, 1, 0, 0},
        {"012", 8, 10, 3, 10, 3, 0, 0},
        {"0x1F", 0, 31, 4, 31, 4, 0, 0},
        {"0X1f", 16, 31, 4, 31, 4, 0, 0},
        {"0x1F", 10, 0, 1, 0, 1, 0, 0},
        {"0xg", 16, 0, 1, 0, 1, 0, 0},
        {"0b101", 0, 5, 5, 5, 5, 0, 0},
        {"0b101", 16, 45313, 5, 45313, 5, 0, 0},
        {"0b2", 0, 0, 1, 0, 1, 0, 0},
        {"0o17", 0, 15, 4, 15, 4, 0, 0},
        {"zz", 36, 1295, 2, 1295, 2, 0, 0},
        {"12", 37, 0, 0, 0, 0, 0, 0},
        {"12", 1, 0, 0, 0, 0, 0, 0},
        {"9223372036854775808", 10, 9223372036854775808ul, 19, LONG_MAX, 19, 0, ERANGE},
        {"-9223372036854775808", 10, 0, 0, LONG_MIN, 20, 0, 0},
        {"-9223372036854775809", 10, 0, 0, LONG_MAX, 20, 0, ERANGE},
        {"18446744073709551615", 10, ULONG_MAX, 20, LONG_MAX, 20, 0, ERANGE},
        {"18446744073709551616z", 10, ULONG_MAX, 20, LONG_MAX, 20, ERANGE, ERANGE},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(rows); i++) {
        char *end = NULL;
        errno = 0;
        CHECK(PyOS_strtoul(rows[i].text, &end, rows[i].base) == rows[i].u);
        CHECK(end - rows[i].text == rows[i].u_end && errno == rows[i].u_errno);
        errno = 0;
        CHECK(PyOS_strtol(rows[i].text, &end, rows[i].base) == rows[i].l);
        CHECK(end - rows[i].text == rows[i].l_end && errno == rows[i].l_errno);
    }
}

/* ---- float, complex, bool ---- */

static void
test_float(struct unit_result *result)
{
    EQ(PyFloat_FromDouble(1.5), "1.5");
    PyObject *text = V("' 2.5e3 '"), *bytes = V("b'1_0'"), *bad = V("'1..'"), *list = V("[]");
    EQ(PyFloat_FromString(text), "2500.0");
    EQ(PyFloat_FromString(bytes), "10.0");
    RAISES(PyFloat_FromString(bad) == NULL, PyExc_ValueError,
           "could not convert string to float: '1..'");
    RAISES(PyFloat_FromString(list) == NULL, PyExc_TypeError,
           "float() argument must be a string or a real number, not 'list'");
    RAISES(PyFloat_AsDouble(list) == -1.0, PyExc_TypeError, "must be real number, not list");
    RAISES(PyFloat_AsDouble(NULL) == -1.0, PyExc_TypeError,
           "bad argument type for built-in operation");
    PyObject *wrong = V("type('F', (), {'__float__': lambda s: 1})()");
    RAISES(PyFloat_AsDouble(wrong) == -1.0, PyExc_TypeError,
           "F.__float__ returned non-float (type int)");
    CHECK(PyFloat_GetMax() == DBL_MAX && PyFloat_GetMin() == DBL_MIN);
    PyObject *info = PyFloat_GetInfo();
    FINE(info != NULL && PyTuple_Check(info));
    Py_XDECREF(info);
    char data[8];
    CHECK(PyFloat_Pack8(1.5, data, 1) == 0 && PyFloat_Unpack8(data, 1) == 1.5);
    CHECK(PyFloat_Pack4(-2.5, data, 0) == 0 && PyFloat_Unpack4(data, 0) == -2.5);
    CHECK(PyFloat_Pack2(0.5, data, 1) == 0 && PyFloat_Unpack2(data, 1) == 0.5);
    RAISES(PyFloat_Pack4(1e300, data, 1) == -1, PyExc_OverflowError,
           "float too large to pack with f format");
    RAISES(PyFloat_Pack2(1e10, data, 1) == -1, PyExc_OverflowError,
           "float too large to pack with e format");
    EQ(PyComplex_FromDoubles(1, -2), "1-2j");
    PyObject *z = V("3+4j");
    FINE(PyComplex_RealAsDouble(z) == 3 && PyComplex_ImagAsDouble(z) == 4);
    Py_complex c = PyComplex_AsCComplex(z);
    FINE(c.real == 3 && c.imag == 4 && _Py_c_abs(c) == 5);
    c = PyComplex_AsCComplex(list);
    RAISES(c.real == -1.0, PyExc_TypeError, "must be real number, not list");
    EQ(PyBool_FromLong(5), "True");
    CHECK(Py_IsTrue(Py_True) && Py_IsFalse(Py_False) && Py_IsNone(Py_None));
    char *shown = PyOS_double_to_string(1.0 / 3, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    CHECK(shown != NULL && strcmp(shown, "0.3333333333333333") == 0);
    PyMem_Free(shown);
    shown = PyOS_double_to_string(1234.5, 'g', 3, Py_DTSF_SIGN, NULL);
    CHECK(shown != NULL && strcmp(shown, "+1.23e+03") == 0);
    PyMem_Free(shown);
    FINE(PyOS_string_to_double("1e5", NULL, NULL) == 1e5);
    RAISES(PyOS_string_to_double("1e5x", NULL, NULL) == -1.0, PyExc_ValueError,
           "could not convert string to float: '1e5x'");
    RAISES(PyOS_string_to_double("1e999", NULL, PyExc_OverflowError) == -1.0,
           PyExc_OverflowError, "value too large to convert to float: '1e999'");
    Py_DECREF(text);
    Py_DECREF(bytes);
    Py_DECREF(bad);
    Py_DECREF(list);
    Py_DECREF(wrong);
    Py_DECREF(z);
}

/* ---- str ---- */

static void
test_unicode_make(struct unit_result *result)
{
    EQ(PyUnicode_FromString("h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x98\x80"),
       "'h\\xe9llo \\u20ac \\U0001f600'");
    RAISES(PyUnicode_FromString("\xff") == NULL, PyExc_UnicodeDecodeError,
           "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte");
    EQ(PyUnicode_FromStringAndSize("a\0b", 3), "'a\\0b'");
    RAISES(PyUnicode_FromStringAndSize("a", -1) == NULL, PyExc_SystemError,
           "Negative size passed to PyUnicode_FromStringAndSize");
    static const Py_UCS1 one[] = {0x41, 0xff};
    static const Py_UCS2 two[] = {0x41, 0x20ac};
    static const Py_UCS4 four[] = {0x41, 0x1f600};
    EQ(PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, one, 2), "'A\\xff'");
    EQ(PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, two, 2), "'A\\u20ac'");
    EQ(PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, two, 1), "'A'");
    EQ(PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, four, 2), "'A\\U0001f600'");
    RAISES(PyUnicode_FromKindAndData(3, one, 2) == NULL, PyExc_SystemError, "invalid kind");
    RAISES(PyUnicode_FromKindAndData(1, one, -1) == NULL, PyExc_ValueError,
           "size must be positive");
    PyObject *s = PyUnicode_New(3, 0xff);
    FINE(s != NULL && PyUnicode_GET_LENGTH(s) == 3 && PyUnicode_KIND(s) == PyUnicode_1BYTE_KIND);
    FINE(PyUnicode_WriteChar(s, 0, 'x') == 0 && PyUnicode_WriteChar(s, 1, 0xe9) == 0);
    RAISES(PyUnicode_WriteChar(s, 3, 'x') == -1, PyExc_IndexError, "string index out of range");
    RAISES(PyUnicode_WriteChar(s, 0, 0x20ac) == -1, PyExc_ValueError, "character out of range");
    FINE(PyUnicode_Fill(s, 2, 10, 'z') == 1);
    FINE(PyUnicode_ReadChar(s, 1) == 0xe9);
    RAISES(PyUnicode_ReadChar(s, 3) == (Py_UCS4)-1, PyExc_IndexError, "string index out of range");
    EQ(s, "'x\\xe9z'");
    RAISES(PyUnicode_New(-1, 127) == NULL, PyExc_SystemError,
           "Negative size passed to PyUnicode_New");
    RAISES(PyUnicode_New(1, 0x110000) == NULL, PyExc_SystemError,
           "invalid maximum character passed to PyUnicode_New");
    EQ(PyUnicode_FromOrdinal(0x1f600), "'\\U0001f600'");
    RAISES(PyUnicode_FromOrdinal(0x110000) == NULL, PyExc_ValueError,
           "chr() arg not in range(0x110000)");
    EQ(PyUnicode_FromWideChar(L"w\x20ac", -1), "'w\\u20ac'");
    EQ(PyUnicode_FromWideChar(L"w\x20ac", 1), "'w'");
    PyObject *bytes = V("b'\\xc3\\xa9'"), *list = V("[]"), *str = V("'x'");
    EQ(PyUnicode_FromEncodedObject(bytes, "utf-8", NULL), "'\\xe9'");
    RAISES(PyUnicode_FromEncodedObject(bytes, "ascii", "strict") == NULL, PyExc_UnicodeDecodeError,
           "'ascii' codec can't decode byte 0xc3 in position 0: ordinal not in range(128)");
    EQ(PyUnicode_FromEncodedObject(bytes, "ascii", "replace"), "'\\ufffd\\ufffd'");
    RAISES(PyUnicode_FromEncodedObject(list, "utf-8", NULL) == NULL, PyExc_TypeError,
           "decoding to str: need a bytes-like object, list found");
    RAISES(PyUnicode_FromEncodedObject(str, "utf-8", NULL) == NULL, PyExc_TypeError,
           "decoding str is not supported");
    RAISES(PyUnicode_FromObject(list) == NULL, PyExc_TypeError,
           "Can't convert 'list' object to str implicitly");
    Py_DECREF(bytes);
    Py_DECREF(list);
    Py_DECREF(str);
}

static void
test_unicode_format(struct unit_result *result)
{
    EQ(PyUnicode_FromFormat("%d|%i|%u|%5d|%-5d|%05d", -1, 2, 3u, 42, 42, 42),
       "'-1|2|3|   42|42   |00042'");
    EQ(PyUnicode_FromFormat("%ld %lld %zd %jd %td %lu %llu %zu", -1L, -2LL, (Py_ssize_t)-3,
                            (intmax_t)-4, (ptrdiff_t)-5, 6UL, 7ULL, (size_t)8),
       "'-1 -2 -3 -4 -5 6 7 8'");
    EQ(PyUnicode_FromFormat("%x %X %o %.3d %lx %llX", 255, 255, 8, 7, 4096L, 43981LL),
       "'ff FF 10 007 1000 ABCD'");
    RAISES(PyUnicode_FromFormat("%#x", 255) == NULL, PyExc_SystemError,
           "invalid format string: %#x");
    EQ(PyUnicode_FromFormat("%c%c%%", 'a', 0x20ac), "'a\\u20ac%'");
    EQ(PyUnicode_FromFormat("%s|%.2s|%5s|%-5s|%5.1s|", "abc", "abc", "ab", "ab", "xyz"),
       "'abc|ab|   ab|ab   |    x|'");
    EQ(PyUnicode_FromFormat("%.4s|", "a\xc3\xa9\xe2\x82\xac"), "'a\\xe9\\ufffd|'");
    PyObject *s = V("'\\xe9\\u20ac'");
    EQ(PyUnicode_FromFormat("%U|%5U|%.1U|%-4U|", s, s, s, s),
       "'\\xe9\\u20ac|   \\xe9\\u20ac|\\xe9|\\xe9\\u20ac  |'");
    EQ(PyUnicode_FromFormat("%S %R %A %.3A", s, s, s, s),
       "\"\\xe9\\u20ac '\\xe9\\u20ac' '\\\\xe9\\\\u20ac' '\\\\x\"");
    EQ(PyUnicode_FromFormat("%V|%V", s, "x", NULL, "c\xc3\xa9"), "'\\xe9\\u20ac|c\\xe9'");
    EQ(PyUnicode_FromFormat("%p", (void *)0x1f), "'0x1f'");
    EQ(PyUnicode_FromFormat("%*d|%-*d|%.*s", 4, 7, 4, 7, 2, "abc"), "'   7|7   |ab'");
    EQ(PyUnicode_FromFormat("%ls|%.1ls", L"w\x20ac", L"xy"), "'w\\u20ac|x'");
    RAISES(PyUnicode_FromFormat("%y", 1) == NULL, PyExc_SystemError, "invalid format string: %y");
    RAISES(PyUnicode_FromFormat("abc%") == NULL, PyExc_SystemError, "invalid format string: %");
    RAISES(PyUnicode_FromFormat("\xe9") == NULL, PyExc_ValueError,
           "PyUnicode_FromFormatV() expects an ASCII-encoded format string, got a non-ASCII byte: "
           "0xe9");
    RAISES(PyUnicode_FromFormat("%c", -1) == NULL, PyExc_OverflowError,
           "character argument not in range(0x110000)");
    EQ(PyUnicode_FromFormat("%10s%-3d%i", "right", 5, INT_MIN), "'     right5  -2147483648'");
    Py_DECREF(s);
}

static void
test_unicode_codecs(struct unit_result *result)
{
    PyObject *s = V("'a\\xe9\\u20ac\\U0001f600'"), *lone = V("'x\\ud800'"), *nul = V("'a\\0b'");
    Py_ssize_t size;
    const char *utf8 = PyUnicode_AsUTF8AndSize(s, &size);
    FINE(utf8 != NULL && size == 10 && strcmp(utf8, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") == 0);
    CHECK(PyUnicode_AsUTF8(s) == utf8);
    RAISES(PyUnicode_AsUTF8(lone) == NULL, PyExc_UnicodeEncodeError,
           "'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed");
    EQ(PyUnicode_AsUTF8String(s), "b'a\\xc3\\xa9\\xe2\\x82\\xac\\xf0\\x9f\\x98\\x80'");
    EQ(PyUnicode_AsEncodedString(lone, "utf-8", "surrogatepass"), "b'x\\xed\\xa0\\x80'");
    EQ(PyUnicode_AsEncodedString(s, "ascii", "backslashreplace"),
       "b'a\\\\xe9\\\\u20ac\\\\U0001f600'");
    EQ(PyUnicode_AsEncodedString(s, "latin-1", "xmlcharrefreplace"), "b'a\\xe9&#8364;&#128512;'");
    RAISES(PyUnicode_AsLatin1String(s) == NULL, PyExc_UnicodeEncodeError,
           "'latin-1' codec can't encode characters in position 2-3: ordinal not in range(256)");
    RAISES(PyUnicode_AsASCIIString(s) == NULL, PyExc_UnicodeEncodeError,
           "'ascii' codec can't encode characters in position 1-3: ordinal not in range(128)");
    EQ(PyUnicode_AsUTF16String(s), "b'\\xff\\xfea\\0\\xe9\\0\\xac \\x3d\\xd8\\0\\xde'");
    EQ(PyUnicode_AsUTF32String(nul), "b'\\xff\\xfe\\0\\0a\\0\\0\\0\\0\\0\\0\\0b\\0\\0\\0'");
    EQ(PyUnicode_AsUnicodeEscapeString(s), "b'a\\\\xe9\\\\u20ac\\\\U0001f600'");
    EQ(PyUnicode_AsRawUnicodeEscapeString(s), "b'a\\xe9\\\\u20ac\\\\U0001f600'");
    RAISES(PyUnicode_AsEncodedString(s, "ascii", "no such handler") == NULL, PyExc_LookupError,
           "unknown error handler name 'no such handler'");
    EQ(PyUnicode_DecodeUTF8("a\xc3", 2, "ignore"), "'a'");
    Py_ssize_t used;
    EQ(PyUnicode_DecodeUTF8Stateful("a\xe2\x82", 3, NULL, &used), "'a'");
    CHECK(used == 1);
    int order = 0;
    EQ(PyUnicode_DecodeUTF16("\xfe\xff\0a", 4, NULL, &order), "'a'");
    CHECK(order == 1);
    order = -1;
    EQ(PyUnicode_DecodeUTF32("a\0\0\0", 4, NULL, &order), "'a'");
    RAISES(PyUnicode_DecodeUTF32("a\0\0", 3, NULL, NULL) == NULL, PyExc_UnicodeDecodeError,
           "'utf-32-le' codec can't decode bytes in position 0-2: truncated data");
    EQ(PyUnicode_DecodeUTF7("+AOk-", 5, NULL), "'\\xe9'");
    EQ(PyUnicode_DecodeUnicodeEscape("\\x41\\n", 6, NULL), "'A\\n'");
    EQ(PyUnicode_DecodeRawUnicodeEscape("\\u20ac\\n", 8, NULL), "'\\u20ac\\\\n'");
    EQ(PyUnicode_DecodeLatin1("\xe9", 1, NULL), "'\\xe9'");
    EQ(PyUnicode_DecodeASCII("a\xff", 2, "surrogateescape"), "'a\\udcff'");
    PyObject *map = V("{97: 'xy', 98: None, 99: 100}"), *decode = V("'ab\\ufffe'");
    EQ(PyUnicode_DecodeCharmap("\0\1\2", 3, decode, "replace"), "'ab\\ufffd'");
    EQ(PyUnicode_Translate(nul, map, "ignore"), "'xy\\0'");
    PyObject *abc = V("'abc'");
    EQ(PyUnicode_AsCharmapString(abc, map) == NULL ? (PyErr_Clear(), V("None")) : V("1"), "None");
    EQ(PyUnicode_EncodeFSDefault(abc), "b'abc'");
    EQ(PyUnicode_DecodeFSDefault("abc"), "'abc'");
    EQ(PyUnicode_DecodeLocale("abc", NULL), "'abc'");
    EQ(PyUnicode_EncodeLocale(abc, "surrogateescape"), "b'abc'");
    RAISES(PyUnicode_EncodeLocale(nul, NULL) == NULL, PyExc_ValueError, "embedded null character");
    RAISES(PyUnicode_DecodeLocaleAndSize("a\0b", 3, NULL) == NULL, PyExc_ValueError,
           "embedded null byte");
    wchar_t *wide = PyUnicode_AsWideCharString(s, &size);
    FINE(wide != NULL && size == 4 && wide[3] == 0x1f600);
    PyMem_Free(wide);
    RAISES(PyUnicode_AsWideCharString(nul, NULL) == NULL, PyExc_ValueError,
           "embedded null character");
    wchar_t buffer[3];
    FINE(PyUnicode_AsWideChar(abc, buffer, 3) == 3 && buffer[2] == 'c');
    Py_UCS4 ucs4[5];
    FINE(PyUnicode_AsUCS4(s, ucs4, 5, 1) == ucs4 && ucs4[3] == 0x1f600 && ucs4[4] == 0);
    RAISES(PyUnicode_AsUCS4(s, ucs4, 2, 0) == NULL, PyExc_SystemError,
           "string is longer than the buffer");
    Py_UCS4 *copy = PyUnicode_AsUCS4Copy(s);
    FINE(copy != NULL && copy[1] == 0xe9);
    PyMem_Free(copy);
    PyObject *number = V("5");
    RAISES(PyUnicode_AsUTF8(number) == NULL, PyExc_TypeError,
           "bad argument type for built-in operation");
    RAISES(PyUnicode_AsUTF8String(number) == NULL, PyExc_TypeError,
           "bad argument type for built-in operation");
    RAISES(PyUnicode_GetLength(number) == -1, PyExc_TypeError,
           "bad argument type for built-in operation");
    CHECK(strcmp(PyUnicode_GetDefaultEncoding(), "utf-8") == 0);
    Py_DECREF(number);
    Py_DECREF(abc);
    Py_DECREF(map);
    Py_DECREF(decode);
    Py_DECREF(s);
    Py_DECREF(lone);
    Py_DECREF(nul);
}

static void
test_unicode_methods(struct unit_result *result)
{
    PyObject *s = V("'one two  three'"), *sep = V("' '"), *empty = V("''"), *two = V("'two'");
    PyObject *number = V("5");
    EQ(PyUnicode_Concat(s, two), "'one two  threetwo'");
    RAISES(PyUnicode_Concat(s, number) == NULL, PyExc_TypeError,
           "can only concatenate str (not \"int\") to str");
    EQ(PyUnicode_Split(s, NULL, -1), "['one', 'two', 'three']");
    EQ(PyUnicode_Split(s, sep, 1), "['one', 'two  three']");
    EQ(PyUnicode_RSplit(s, sep, 1), "['one two ', 'three']");
    RAISES(PyUnicode_Split(s, empty, -1) == NULL, PyExc_ValueError, "empty separator");
    RAISES(PyUnicode_Split(s, number, -1) == NULL, PyExc_TypeError, "must be str, not int");
    EQ(PyUnicode_Partition(s, two), "('one ', 'two', '  three')");
    EQ(PyUnicode_RPartition(s, sep), "('one two ', ' ', 'three')");
    PyObject *lines = V("'a\\r\\nb\\nc'"), *parts = V("['x', 'y']"), *mixed = V("['x', 5]");
    EQ(PyUnicode_Splitlines(lines, 1), "['a\\r\\n', 'b\\n', 'c']");
    EQ(PyUnicode_Join(sep, parts), "'x y'");
    RAISES(PyUnicode_Join(sep, mixed) == NULL, PyExc_TypeError,
           "sequence item 1: expected str instance, int found");
    FINE(PyUnicode_Tailmatch(s, two, 4, 100, -1) == 1);
    FINE(PyUnicode_Tailmatch(s, two, 0, PY_SSIZE_T_MAX, 1) == 0);
    FINE(PyUnicode_Find(s, two, 0, PY_SSIZE_T_MAX, 1) == 4);
    FINE(PyUnicode_Find(s, two, 5, PY_SSIZE_T_MAX, 1) == -1);
    FINE(PyUnicode_FindChar(s, 'e', 0, 100, -1) == 13);
    FINE(PyUnicode_FindChar(s, 0x20ac, 0, 100, 1) == -1);
    FINE(PyUnicode_Count(s, sep, 0, PY_SSIZE_T_MAX) == 3);
    EQ(PyUnicode_Replace(s, sep, empty, 2), "'onetwo three'");
    EQ(PyUnicode_Substring(s, 4, 7), "'two'");
    EQ(PyUnicode_Substring(s, 7, 4), "''");
    RAISES(PyUnicode_Substring(s, -1, 4) == NULL, PyExc_IndexError, "string index out of range");
    FINE(PyUnicode_Compare(two, s) == 1 && PyUnicode_Compare(s, two) == -1);
    RAISES(PyUnicode_Compare(s, number) == -1, PyExc_TypeError, "Can't compare str and int");
    FINE(PyUnicode_CompareWithASCIIString(two, "two") == 0);
    FINE(PyUnicode_CompareWithASCIIString(two, "twp") < 0);
    EQ(PyUnicode_RichCompare(two, number, Py_EQ), "NotImplemented");
    EQ(PyUnicode_RichCompare(two, two, Py_LE), "True");
    FINE(PyUnicode_Contains(s, two) == 1 && PyUnicode_Contains(two, s) == 0);
    RAISES(PyUnicode_Contains(s, number) == -1, PyExc_TypeError,
           "'in <string>' requires string as left operand, not int");
    PyObject *format = V("'%s-%d'"), *args = V("('a', 5)");
    EQ(PyUnicode_Format(format, args), "'a-5'");
    FINE(PyUnicode_IsIdentifier(two) == 1 && PyUnicode_IsIdentifier(s) == 0);
    PyObject *left = Py_NewRef(two);
    PyUnicode_Append(&left, sep);
    EQ(left, "'two '");
    left = Py_NewRef(two);
    PyUnicode_AppendAndDel(&left, Py_NewRef(two));
    EQ(left, "'twotwo'");
    left = Py_NewRef(two);
    PyUnicode_Append(&left, number);
    RAISES(left == NULL, PyExc_SystemError, NULL);
    PyObject *fresh = PyUnicode_FromString("interned at run time");
    PyObject *again = PyUnicode_InternFromString("interned at run time");
    PyUnicode_InternInPlace(&fresh);
    FINE(fresh == again && PyUnicode_CHECK_INTERNED(fresh));
    Py_DECREF(again);
    PyObject *shrink = PyUnicode_New(5, 127);
    PyUnicode_Fill(shrink, 0, 5, 'q');
    FINE(PyUnicode_Resize(&shrink, 2) == 0);
    EQ(shrink, "'qq'");
    PyObject *target = PyUnicode_New(4, 127);
    FINE(PyUnicode_CopyCharacters(target, 0, s, 4, 4) == 4);
    RAISES(PyUnicode_CopyCharacters(target, 2, s, 0, 4) == -1, PyExc_SystemError,
           "Cannot write 4 characters at 2 in a string of 4 characters");
    Py_DECREF(fresh);
    Py_DECREF(target);
    Py_DECREF(format);
    Py_DECREF(args);
    Py_DECREF(lines);
    Py_DECREF(parts);
    Py_DECREF(mixed);
    Py_DECREF(s);
    Py_DECREF(sep);
    Py_DECREF(empty);
    Py_DECREF(two);
    Py_DECREF(number);
}

/* ---- bytes, bytearray ---- */

static void
test_bytes(struct unit_result *result)
{
    EQ(PyBytes_FromString("abc"), "b'abc'");
    EQ(PyBytes_FromStringAndSize("a\0b", 3), "b'a\\0b'");
    RAISES(PyBytes_FromStringAndSize("", -1) == NULL, PyExc_SystemError,
           "Negative size passed to PyBytes_FromStringAndSize");
    EQ(PyBytes_FromFormat("%c %d %u %ld %zd %i %x %s %p %%", 'c', -1, 2u, 3L, (Py_ssize_t)4, 5, 255,
                          "text", (void *)0x10), "b'c -1 2 3 4 5 ff text 0x10 %'");
    EQ(PyBytes_FromFormat("%.2s|%zu|%lu", "abc", (size_t)7, 8ul), "b'ab|7|8'");
    PyObject *list = V("[1, 255]"), *bad = V("[256]"), *str = V("'x'"), *nul = V("b'a\\0b'");
    EQ(PyBytes_FromObject(list), "b'\\1\\xff'");
    RAISES(PyBytes_FromObject(bad) == NULL, PyExc_ValueError, "bytes must be in range(0, 256)");
    RAISES(PyBytes_FromObject(str) == NULL, PyExc_TypeError,
           "cannot convert 'str' object to bytes");
    char *data;
    Py_ssize_t size;
    FINE(PyBytes_AsStringAndSize(nul, &data, &size) == 0 && size == 3 && data[2] == 'b');
    RAISES(PyBytes_AsStringAndSize(nul, &data, NULL) == -1, PyExc_ValueError, "embedded null byte");
    RAISES(PyBytes_AsString(str) == NULL, PyExc_TypeError, "expected bytes, str found");
    RAISES(PyBytes_Size(str) == -1, PyExc_TypeError, "expected bytes, str found");
    PyObject *sum = Py_NewRef(nul);
    PyBytes_Concat(&sum, nul);
    EQ(sum, "b'a\\0ba\\0b'");
    sum = Py_NewRef(nul);
    PyBytes_ConcatAndDel(&sum, Py_NewRef(list));
    RAISES(sum == NULL, PyExc_TypeError, "can't concat list to bytes");
    PyObject *fresh = PyBytes_FromStringAndSize(NULL, 10);
    memset(PyBytes_AS_STRING(fresh), 'z', 10);
    FINE(_PyBytes_Resize(&fresh, 3) == 0);
    EQ(fresh, "b'zzz'");
    EQ(PyBytes_Repr(nul, 1), "\"b'a\\\\x00b'\"");
    EQ(PyBytes_DecodeEscape("\\x41\\101\\n", 10, NULL, 0, NULL), "b'AA\\n'");
    PyObject *array = PyByteArray_FromStringAndSize("abc", 3);
    FINE(PyByteArray_Size(array) == 3 && strcmp(PyByteArray_AsString(array), "abc") == 0);
    FINE(PyByteArray_Resize(array, 5) == 0 && PyByteArray_GET_SIZE(array) == 5);
    FINE(PyByteArray_Resize(array, 1) == 0);
    EQ(PyByteArray_Concat(array, nul), "bytearray(b'aa\\0b')");
    EQ(PyByteArray_FromObject(list), "bytearray(b'\\1\\xff')");
    Py_buffer view;
    FINE(PyObject_GetBuffer(array, &view, PyBUF_WRITABLE) == 0);
    RAISES(PyByteArray_Resize(array, 9) == -1, PyExc_BufferError,
           "Existing exports of data: object cannot be re-sized");
    PyBuffer_Release(&view);
    Py_DECREF(array);
    Py_DECREF(list);
    Py_DECREF(bad);
    Py_DECREF(str);
    Py_DECREF(nul);
}

/* ---- list, tuple ---- */

static void
test_list_tuple(struct unit_result *result)
{
    PyObject *l = PyList_New(2), *one = V("1000"), *str = V("'no list'");
    PyList_SET_ITEM(l, 0, Py_NewRef(one));
    FINE(PyList_SetItem(l, 1, Py_NewRef(one)) == 0);
    RAISES(PyList_SetItem(l, 2, Py_NewRef(one)) == -1, PyExc_IndexError,
           "list assignment index out of range");
    RAISES(PyList_GetItem(l, 2) == NULL, PyExc_IndexError, "list index out of range");
    RAISES(PyList_GetItem(l, -1) == NULL, PyExc_IndexError, "list index out of range");
    RAISES(PyList_GetItem(str, 0) == NULL, PyExc_SystemError, NULL);
    RAISES(PyList_Size(str) == -1, PyExc_SystemError, NULL);
    RAISES(PyList_Append(str, one) == -1, PyExc_SystemError, NULL);
    RAISES(PyList_Append(l, NULL) == -1, PyExc_SystemError, NULL);
    RAISES(PyList_New(-1) == NULL, PyExc_SystemError, NULL);
    FINE(PyList_Insert(l, -100, str) == 0 && PyList_Insert(l, 100, str) == 0);
    EQ(PyList_GetSlice(l, 0, 2), "['no list', 1000]");
    EQ(PyList_GetSlice(l, -5, 100), "['no list', 1000, 1000, 'no list']");
    EQ(PyList_GetSlice(l, 3, 1), "[]");
    FINE(PyList_SetSlice(l, 1, 3, NULL) == 0);
    PyObject *more = V("[3, 1, 2]");
    FINE(PyList_SetSlice(l, 0, 2, more) == 0);
    FINE(PyList_Sort(l) == 0 && PyList_Reverse(l) == 0);
    EQ(PyList_AsTuple(l), "(3, 2, 1)");
    RAISES(PyList_Sort(str) == -1, PyExc_SystemError, NULL);
    RAISES(PyList_AsTuple(NULL) == NULL, PyExc_SystemError, NULL);
    Py_DECREF(more);
    Py_DECREF(l);
    PyObject *t = PyTuple_New(2);
    FINE(PyTuple_SetItem(t, 0, Py_NewRef(one)) == 0 && PyTuple_SetItem(t, 1, Py_NewRef(str)) == 0);
    RAISES(PyTuple_SetItem(t, 2, Py_NewRef(str)) == -1, PyExc_IndexError,
           "tuple assignment index out of range");
    PyObject *other = Py_NewRef(t);
    RAISES(PyTuple_SetItem(t, 0, Py_NewRef(str)) == -1, PyExc_SystemError, NULL);
    Py_DECREF(other);
    RAISES(PyTuple_GetItem(t, 2) == NULL, PyExc_IndexError, "tuple index out of range");
    RAISES(PyTuple_GetItem(str, 0) == NULL, PyExc_SystemError, NULL);
    RAISES(PyTuple_Size(str) == -1, PyExc_SystemError, NULL);
    RAISES(PyTuple_New(-1) == NULL, PyExc_SystemError, NULL);
    EQ(PyTuple_GetSlice(t, 1, 9), "('no list',)");
    FINE(_PyTuple_Resize(&t, 1) == 0);
    EQ(t, "(1000,)");
    EQ(PyTuple_Pack(2, one, str), "(1000, 'no list')");
    PyObject *held = PyTuple_Pack(1, one), *again = Py_NewRef(held);
    RAISES(_PyTuple_Resize(&held, 3) == -1 && held == NULL, PyExc_SystemError, NULL);
    Py_DECREF(again);
    Py_DECREF(one);
    Py_DECREF(str);
}

/* ---- dict, set ---- */

static void
test_dict(struct unit_result *result)
{
    PyObject *d = PyDict_New(), *key = V("'key'"), *value = V("[1]"), *list = V("[]");
    FINE(PyDict_SetItem(d, key, value) == 0 && PyDict_SetItemString(d, "other", value) == 0);
    FINE(PyDict_GetItem(d, key) == value && PyDict_GetItemString(d, "key") == value);
    FINE(PyDict_GetItemString(d, "missing") == NULL);
    FINE(PyDict_GetItemWithError(d, key) == value);
    RAISES(PyDict_GetItemWithError(d, list) == NULL, PyExc_TypeError, "unhashable type: 'list'");
    FINE(PyDict_GetItem(d, list) == NULL);
    RAISES(PyDict_SetItem(d, list, value) == -1, PyExc_TypeError, "unhashable type: 'list'");
    RAISES(PyDict_DelItemString(d, "missing") == -1, PyExc_KeyError, "'missing'");
    RAISES(PyDict_SetItem(list, key, value) == -1, PyExc_SystemError, NULL);
    RAISES(PyDict_Size(list) == -1, PyExc_SystemError, NULL);
    RAISES(PyDict_Keys(list) == NULL, PyExc_SystemError, NULL);
    RAISES(PyDict_GetItemWithError(list, key) == NULL, PyExc_SystemError, NULL);
    FINE(PyDict_GetItem(list, key) == NULL);
    FINE(PyDict_Contains(d, key) == 1 && PyDict_Size(d) == 2);
    RAISES(PyDict_Contains(d, list) == -1, PyExc_TypeError, "unhashable type: 'list'");
    FINE(PyDict_SetDefault(d, key, list) == value);
    EQ(PyDict_Keys(d), "['key', 'other']");
    EQ(PyDict_Values(d), "[[1], [1]]");
    EQ(PyDict_Items(d), "[('key', [1]), ('other', [1])]");
    PyObject *k, *v;
    Py_ssize_t pos = 0;
    int n = 0;
    while (PyDict_Next(d, &pos, &k, &v)) {
        n += v == value;
    }
    CHECK(n == 2);
    CHECK(PyDict_Next(list, &pos, &k, &v) == 0);
    PyObject *copy = PyDict_Copy(d), *more = V("{'key': 2, 'new': 3}");
    FINE(PyDict_Merge(copy, more, 0) == 0);
    EQ(Py_NewRef(copy), "{'key': [1], 'other': [1], 'new': 3}");
    FINE(PyDict_Update(copy, more) == 0);
    EQ(Py_NewRef(copy), "{'key': 2, 'other': [1], 'new': 3}");
    PyObject *pairs = V("[('x', 1), ['y', 2]]"), *bad = V("[('x', 1, 2)]"), *worse = V("[5]");
    FINE(PyDict_MergeFromSeq2(copy, pairs, 1) == 0);
    RAISES(PyDict_MergeFromSeq2(copy, bad, 1) == -1, PyExc_ValueError,
           "dictionary update sequence element #0 has length 3; 2 is required");
    RAISES(PyDict_MergeFromSeq2(copy, worse, 1) == -1, PyExc_TypeError,
           "cannot convert dictionary update sequence element #0 to a sequence");
    RAISES(PyDict_Merge(copy, key, 1) == -1, PyExc_AttributeError,
           "'str' object has no attribute 'keys'");
    PyDict_Clear(copy);
    EQ(copy, "{}");
    PyObject *proxy = PyDictProxy_New(d);
    EQ(PyObject_Repr(proxy), "\"mappingproxy({'key': [1], 'other': [1]})\"");
    RAISES(PyObject_SetItem(proxy, key, value) == -1, PyExc_TypeError,
           "'mappingproxy' object does not support item assignment");
    EQ(_PyDict_Pop(d, key, NULL), "[1]");
    RAISES(_PyDict_Pop(d, key, NULL) == NULL, PyExc_KeyError, "'key'");
    EQ(_PyDict_Pop(d, key, list), "[]");
    RAISES(PyDict_DelItem(d, key) == -1, PyExc_KeyError, "'key'");
    Py_DECREF(proxy);
    Py_DECREF(pairs);
    Py_DECREF(bad);
    Py_DECREF(worse);
    Py_DECREF(more);
    Py_DECREF(d);
    Py_DECREF(key);
    Py_DECREF(value);
    Py_DECREF(list);
}

static void
test_set(struct unit_result *result)
{
    PyObject *items = V("[1, 2, 1]"), *one = V("1"), *list = V("[]");
    PyObject *s = PySet_New(items);
    EQ(Py_NewRef(s), "{1, 2}");
    FINE(PySet_Size(s) == 2 && PySet_Contains(s, one) == 1 && PySet_Discard(s, one) == 1);
    FINE(PySet_Discard(s, one) == 0 && PySet_Add(s, one) == 0);
    RAISES(PySet_Add(s, list) == -1, PyExc_TypeError, "unhashable type: 'list'");
    RAISES(PySet_Contains(s, list) == -1, PyExc_TypeError, "unhashable type: 'list'");
    RAISES(PySet_New(one) == NULL, PyExc_TypeError, "'int' object is not iterable");
    RAISES(PySet_Size(list) == -1, PyExc_SystemError, NULL);
    RAISES(PySet_Clear(list) == -1, PyExc_SystemError, NULL);
    PyObject *f = PyFrozenSet_New(NULL);
    FINE(PySet_Add(f, one) == 0 || PyErr_Occurred());
    PyErr_Clear();
    PyObject *fresh = PyFrozenSet_New(items);
    FINE(PyFrozenSet_CheckExact(fresh) && PyAnySet_Check(fresh) && !PySet_Check(fresh));
    RAISES(PySet_Discard(fresh, one) == -1, PyExc_SystemError, NULL);
    PyObject *popped = PySet_Pop(s);
    FINE(popped != NULL && PySet_Size(s) == 1);
    Py_XDECREF(popped);
    FINE(PySet_Clear(s) == 0);
    RAISES(PySet_Pop(s) == NULL, PyExc_KeyError, "'pop from an empty set'");
    Py_DECREF(fresh);
    Py_DECREF(f);
    Py_DECREF(s);
    Py_DECREF(items);
    Py_DECREF(one);
    Py_DECREF(list);
}

/* ---- slices, weak references, cells, iterators, methods ---- */

static void
test_small_types(struct unit_result *result)
{
    PyObject *one = V("1"), *ten = V("10"), *zero = V("0"), *str = V("'x'");
    PyObject *slice = PySlice_New(one, ten, NULL);
    EQ(Py_NewRef(slice), "slice(1, 10, None)");
    Py_ssize_t start, stop, step, length;
    FINE(PySlice_Unpack(slice, &start, &stop, &step) == 0 && start == 1 && stop == 10 && step == 1);
    CHECK(PySlice_AdjustIndices(5, &start, &stop, step) == 4 && stop == 5);
    FINE(PySlice_GetIndicesEx(slice, 3, &start, &stop, &step, &length) == 0 && length == 2);
    FINE(PySlice_GetIndices(slice, 20, &start, &stop, &step) == 0 && stop == 10);
    PyObject *bad = PySlice_New(NULL, NULL, zero), *worse = PySlice_New(str, NULL, NULL);
    RAISES(PySlice_Unpack(bad, &start, &stop, &step) == -1, PyExc_ValueError,
           "slice step cannot be zero");
    RAISES(PySlice_Unpack(worse, &start, &stop, &step) == -1, PyExc_TypeError,
           "slice indices must be integers or None or have an __index__ method");
    PyObject *target = V("type('W', (), {})()");
    PyObject *ref = PyWeakref_NewRef(target, NULL), *proxy = PyWeakref_NewProxy(target, NULL);
    FINE(PyWeakref_CheckRefExact(ref) && PyWeakref_CheckProxy(proxy) && PyWeakref_Check(proxy));
    FINE(PyWeakref_GetObject(ref) == target);
    FINE(PyWeakref_GetObject(proxy) == target);
    RAISES(PyWeakref_GetObject(one) == NULL, PyExc_SystemError, NULL);
    RAISES(PyWeakref_NewRef(one, NULL) == NULL, PyExc_TypeError,
           "cannot create weak reference to 'int' object");
    Py_DECREF(target);
    FINE(PyWeakref_GetObject(ref) == Py_None);
    RAISES(PyObject_GetAttrString(proxy, "x") == NULL, PyExc_ReferenceError,
           "weakly-referenced object no longer exists");
    PyObject *cell = PyCell_New(NULL);
    FINE(PyCell_Get(cell) == NULL && PyCell_Set(cell, one) == 0);
    EQ(PyCell_Get(cell), "1");
    RAISES(PyCell_Get(one) == NULL, PyExc_SystemError, NULL);
    RAISES(PyCell_Set(one, one) == -1, PyExc_SystemError, NULL);
    PyObject *list = V("[1, 2]"), *it = PySeqIter_New(list);
    EQ(PyIter_Next(it), "1");
    EQ(PyIter_Next(it), "2");
    FINE(PyIter_Next(it) == NULL);
    PyObject *pop = PyObject_GetAttrString(list, "pop");
    PyObject *caller = PyCallIter_New(pop, one);
    EQ(PyIter_Next(caller), "2");
    FINE(PyIter_Next(caller) == NULL);
    RAISES(PyMethod_New(pop, NULL) == NULL, PyExc_SystemError, NULL);
    PyObject *method = PyMethod_New(pop, one);
    FINE(PyMethod_Function(method) == pop && PyMethod_Self(method) == one);
    PyObject *instance = PyInstanceMethod_New(pop);
    FINE(PyInstanceMethod_Check(instance) && PyInstanceMethod_Function(instance) == pop);
    Py_DECREF(instance);
    Py_DECREF(method);
    Py_DECREF(caller);
    Py_DECREF(pop);
    Py_DECREF(it);
    Py_DECREF(list);
    Py_DECREF(cell);
    Py_DECREF(ref);
    Py_DECREF(proxy);
    Py_DECREF(bad);
    Py_DECREF(worse);
    Py_DECREF(slice);
    Py_DECREF(one);
    Py_DECREF(ten);
    Py_DECREF(zero);
    Py_DECREF(str);
}

static const struct unit_test tests[] = {
    {"int", test_long},
    {"PyOS_strtol", test_strtol},
    {"float and complex", test_float},
    {"str: making", test_unicode_make},
    {"str: formats", test_unicode_format},
    {"str: codecs", test_unicode_codecs},
    {"str: methods", test_unicode_methods},
    {"bytes and bytearray", test_bytes},
    {"list and tuple", test_list_tuple},
    {"dict", test_dict},
    {"set", test_set},
    {"small types", test_small_types},
};

CAPI_MAIN(tests)
