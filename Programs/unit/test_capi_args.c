/* The C API between Python and C values: PyArg_Parse* with all format units, Py_BuildValue, calls,
 * the protocols of numbers, sequences and mappings, and exceptions.
 * Written from the C API reference and by running it in CPython 3.12. */
#include "capi.h"

/* ---- parsing arguments ---- */

static void
test_parse_numbers(struct unit_result *result)
{
    unsigned char b, B;
    short h;
    unsigned short H;
    int i, p;
    unsigned int I;
    long l;
    unsigned long k;
    long long L;
    unsigned long long K;
    Py_ssize_t n;
    float f;
    double d;
    Py_complex D;
    char c;
    int C;
    PyObject *args = V("(255, 511, -32768, 65537, -5, 2**32+1, -2**63, 2**64+3, 2**63-1, 2**64+4,"
                       " 7)");
    FINE(PyArg_ParseTuple(args, "bBhHiIlkLKn:f", &b, &B, &h, &H, &i, &I, &l, &k, &L, &K, &n));
    CHECK(b == 255 && B == 255 && h == -32768 && H == 1 && i == -5 && I == 1);
    CHECK(l == LONG_MIN && k == 3 && L == LLONG_MAX && K == 4 && n == 7);
    Py_DECREF(args);
    args = V("(1.5, 2, 1+2j, b'x', '\\u20ac', [0])");
    FINE(PyArg_ParseTuple(args, "fdDcCp", &f, &d, &D, &c, &C, &p));
    CHECK(f == 1.5f && d == 2.0 && D.imag == 2 && c == 'x' && C == 0x20ac && p == 1);
    Py_DECREF(args);
    static const struct {
        const char *args, *format, *error;
        PyObject *const *type;
    } wrong[] = {
        {"(256,)", "b", "unsigned byte integer is greater than maximum", &PyExc_OverflowError},
        {"(-1,)", "b", "unsigned byte integer is less than minimum", &PyExc_OverflowError},
        {"(40000,)", "h", "signed short integer is greater than maximum", &PyExc_OverflowError},
        {"(-40000,)", "h", "signed short integer is less than minimum", &PyExc_OverflowError},
        {"(2**31,)", "i", "signed integer is greater than maximum", &PyExc_OverflowError},
        {"(-2**31-1,)", "i:name", "signed integer is less than minimum", &PyExc_OverflowError},
        {"(2**63,)", "l", "Python int too large to convert to C long", &PyExc_OverflowError},
        {"(2**63,)", "L", "int too big to convert", &PyExc_OverflowError},
        {"(2**63,)", "n", "Python int too large to convert to C ssize_t", &PyExc_OverflowError},
        {"(1.0,)", "i", "'float' object cannot be interpreted as an integer", &PyExc_TypeError},
        {"(1.0,)", "k:fn", "fn() argument 1 must be int, not float", &PyExc_TypeError},
        {"('x',)", "K", "argument 1 must be int, not str", &PyExc_TypeError},
        {"('x',)", "d", "must be real number, not str", &PyExc_TypeError},
        {"('x',)", "D:fn", "must be real number, not str", &PyExc_TypeError},
        {"('x',)", "c", "argument 1 must be a byte string of length 1, not str", &PyExc_TypeError},
        {"('xy',)", "C", "argument 1 must be a unicode character, not str", &PyExc_TypeError},
        {"(1, 2)", "i", "function takes exactly 1 argument (2 given)", &PyExc_TypeError},
        {"()", "i|i:fn", "fn() takes at least 1 argument (0 given)", &PyExc_TypeError},
        {"(1, 2, 3)", "i|i:fn", "fn() takes at most 2 arguments (3 given)", &PyExc_TypeError},
        {"(1,)", ":fn", "fn() takes exactly 0 arguments (1 given)", &PyExc_TypeError},
        {"(1,)", "ii;my own text", "my own text", &PyExc_TypeError},
        {"(1, 2)", "(ii)i:fn", "fn() argument 1 must be 2-item sequence, not int",
         &PyExc_TypeError},
        {"((1, 2, 3), 2)", "(ii)i:fn", "fn() argument 1 must be sequence of length 2, not 3",
         &PyExc_TypeError},
        {"((1, 'x'), 2)", "(ii)i:fn", "'str' object cannot be interpreted as an integer",
         &PyExc_TypeError},
    };
    long long space[4];
    for (size_t row = 0; row < Py_ARRAY_LENGTH(wrong); row++) {
        args = V(wrong[row].args);
        RAISES(!PyArg_ParseTuple(args, wrong[row].format, &space[0], &space[1], &space[2]),
               *wrong[row].type, wrong[row].error);
        Py_DECREF(args);
    }
    args = V("[1]");
    RAISES(!PyArg_ParseTuple(args, "i", &i), PyExc_SystemError,
           "new style getargs format but argument is not a tuple");
    FINE(PyArg_Parse(args, "O", &args) == 1);
    Py_DECREF(args);
    args = V("5");
    FINE(PyArg_Parse(args, "i", &i) && i == 5);
    RAISES(!PyArg_Parse(args, "U:fn", &i), PyExc_TypeError, "fn() argument must be str, not int");
    Py_DECREF(args);
    args = V("(1,)");
    RAISES(!PyArg_ParseTuple(args, "X", &i), PyExc_SystemError, NULL);
    RAISES(!PyArg_ParseTuple(args, "i$", &i), PyExc_SystemError, NULL);
    Py_DECREF(args);
}

static void
test_parse_strings(struct unit_result *result)
{
    const char *s, *z, *y;
    Py_ssize_t s_size, y_size;
    PyObject *U, *S, *Y, *O, *list;
    Py_buffer view;
    PyObject *args = V("('h\\xe9', None, b'bytes', 'str', b'b', bytearray(b'a'), 5, [])");
    FINE(PyArg_ParseTuple(args, "szyUSYOO!", &s, &z, &y, &U, &S, &Y, &O, &PyList_Type, &list));
    CHECK(strcmp(s, "h\xc3\xa9") == 0 && z == NULL && strcmp(y, "bytes") == 0);
    CHECK(PyUnicode_Check(U) && PyBytes_Check(S) && PyByteArray_Check(Y) && PyList_Check(list));
    FINE(PyArg_ParseTuple(args, "s#zy#UOOOO", &s, &s_size, &z, &y, &y_size, &U, &S, &Y, &O,
                          &list));
    CHECK(s_size == 3 && y_size == 5);
    Py_DECREF(args);
    args = V("(b'any', 'st\\0r', memoryview(b'xyz'))");
    FINE(PyArg_ParseTuple(args, "s#z#y*", &s, &s_size, &z, &y_size, &view));
    CHECK(s_size == 3 && y_size == 4 && view.len == 3 && memcmp(view.buf, "xyz", 3) == 0);
    PyBuffer_Release(&view);
    FINE(PyArg_ParseTuple(args, "s*OO", &view, &O, &O));
    CHECK(view.len == 3);
    PyBuffer_Release(&view);
    Py_DECREF(args);
    args = V("(bytearray(b'rw'), None)");
    Py_buffer none;
    FINE(PyArg_ParseTuple(args, "w*z*", &view, &none));
    CHECK(view.len == 2 && !view.readonly && none.buf == NULL);
    PyBuffer_Release(&view);
    PyBuffer_Release(&none);
    Py_DECREF(args);
    static const struct {
        const char *args, *format, *error;
        PyObject *const *type;
    } wrong[] = {
        {"('a\\0b',)", "s", "embedded null character", &PyExc_ValueError},
        {"(b'a\\0b',)", "y", "embedded null byte", &PyExc_ValueError},
        {"(b'a',)", "s:fn", "fn() argument 1 must be str, not bytes", &PyExc_TypeError},
        {"(5,)", "z", "argument 1 must be str or None, not int", &PyExc_TypeError},
        {"('a',)", "y", "a bytes-like object is required, not 'str'", &PyExc_TypeError},
        {"('a',)", "y#", "a bytes-like object is required, not 'str'", &PyExc_TypeError},
        {"('a',)", "y*", "a bytes-like object is required, not 'str'", &PyExc_TypeError},
        {"(5,)", "s*", "a bytes-like object is required, not 'int'", &PyExc_TypeError},
        {"(5,)", "s#", "a bytes-like object is required, not 'int'", &PyExc_TypeError},
        {"(bytearray(b'a'),)", "s#",
         "argument 1 must be read-only bytes-like object, not bytearray", &PyExc_TypeError},
        {"(5,)", "z#", "a bytes-like object is required, not 'int'", &PyExc_TypeError},
        {"(b'a',)", "w*", "argument 1 must be read-write bytes-like object, not bytes",
         &PyExc_TypeError},
        {"(b'a',)", "U", "argument 1 must be str, not bytes", &PyExc_TypeError},
        {"('a',)", "S", "argument 1 must be bytes, not str", &PyExc_TypeError},
        {"('a',)", "Y", "argument 1 must be bytearray, not str", &PyExc_TypeError},
        {"('\\ud800',)", "s", "'utf-8' codec can't encode character '\\ud800' in position 0: "
         "surrogates not allowed", &PyExc_UnicodeEncodeError},
    };
    Py_ssize_t space[20];
    for (size_t row = 0; row < Py_ARRAY_LENGTH(wrong); row++) {
        args = V(wrong[row].args);
        RAISES(!PyArg_ParseTuple(args, wrong[row].format, space, &space[12]),
               *wrong[row].type, wrong[row].error);
        Py_DECREF(args);
    }
    args = V("(5,)");
    RAISES(!PyArg_ParseTuple(args, "O!:fn", &PyList_Type, &list), PyExc_TypeError,
           "fn() argument 1 must be list, not int");
    Py_DECREF(args);
    char *encoded = NULL;
    args = V("('\\u20ac',)");
    FINE(PyArg_ParseTuple(args, "es", "utf-8", &encoded));
    CHECK(strcmp(encoded, "\xe2\x82\xac") == 0);
    PyMem_Free(encoded);
    encoded = NULL;
    RAISES(!PyArg_ParseTuple(args, "es", "latin-1", &encoded), PyExc_UnicodeEncodeError, NULL);
    FINE(PyArg_ParseTuple(args, "es#", "utf-8", &encoded, &s_size));
    CHECK(s_size == 3);
    PyMem_Free(encoded);
    char buffer[3];
    encoded = buffer;
    s_size = 3;
    RAISES(!PyArg_ParseTuple(args, "es#", "utf-8", &encoded, &s_size), PyExc_ValueError,
           "encoded string too long (3, maximum length 2)");
    Py_DECREF(args);
    args = V("(b'raw', 'text')");
    char *raw = NULL;
    encoded = NULL;
    FINE(PyArg_ParseTuple(args, "etet", NULL, &raw, "ascii", &encoded));
    CHECK(strcmp(raw, "raw") == 0 && strcmp(encoded, "text") == 0);
    PyMem_Free(raw);
    PyMem_Free(encoded);
    Py_DECREF(args);
}

/* For O&: counts its calls; gives an object that has to be cleaned up. */
static int
make_list(PyObject *arg, void *address)
{
    PyObject **p = address;
    if (arg == NULL) {
        Py_CLEAR(*p);
        return 1;
    }
    if (!PyLong_Check(arg)) {
        PyErr_SetString(PyExc_LookupError, "converter says no");
        return 0;
    }
    *p = PyList_New(PyLong_AsSsize_t(arg));
    return *p != NULL ? Py_CLEANUP_SUPPORTED : 0;
}

static void
test_parse_keywords(struct unit_result *result)
{
    static char *names[] = {"first", "second", "third", NULL};
    static char *positional[] = {"", "named", NULL};
    PyObject *empty = V("()"), *one = V("(1,)"), *two = V("(1, 2)"), *four = V("(1, 2, 3, 4)");
    PyObject *kw = V("{'second': 5}"), *bad = V("{'forth': 5}"), *number = V("{1: 2}");
    int a = -1, b = -1, c = -1;
    FINE(PyArg_ParseTupleAndKeywords(one, kw, "i|ii:fn", names, &a, &b, &c));
    CHECK(a == 1 && b == 5 && c == -1);
    RAISES(!PyArg_ParseTupleAndKeywords(two, kw, "i|ii:fn", names, &a, &b, &c), PyExc_TypeError,
           "argument for fn() given by name ('second') and position (2)");
    RAISES(!PyArg_ParseTupleAndKeywords(empty, kw, "i|ii:fn", names, &a, &b, &c), PyExc_TypeError,
           "fn() missing required argument 'first' (pos 1)");
    RAISES(!PyArg_ParseTupleAndKeywords(one, bad, "i|ii:fn", names, &a, &b, &c), PyExc_TypeError,
           "'forth' is an invalid keyword argument for fn()");
    RAISES(!PyArg_ParseTupleAndKeywords(one, number, "i|ii:fn", names, &a, &b, &c),
           PyExc_TypeError, "keywords must be strings");
    RAISES(!PyArg_ParseTupleAndKeywords(four, NULL, "i|ii:fn", names, &a, &b, &c),
           PyExc_TypeError, "fn() takes at most 3 arguments (4 given)");
    RAISES(!PyArg_ParseTupleAndKeywords(two, NULL, "i|$ii:fn", names, &a, &b, &c), PyExc_TypeError,
           "fn() takes at most 1 positional argument (2 given)");
    FINE(PyArg_ParseTupleAndKeywords(one, kw, "i|$ii", names, &a, &b, &c));
    PyObject *named = V("{'named': 9}");
    FINE(PyArg_ParseTupleAndKeywords(one, named, "ii:fn", positional, &a, &b) && b == 9);
    RAISES(!PyArg_ParseTupleAndKeywords(empty, named, "ii:fn", positional, &a, &b),
           PyExc_TypeError, "fn() takes at least 1 positional argument (0 given)");
    RAISES(!PyArg_ParseTupleAndKeywords(one, NULL, "i", names, &a), PyExc_SystemError,
           "More keyword list entries (3) than format specifiers (1)");
    RAISES(!PyArg_ParseTupleAndKeywords(NULL, NULL, "i", names, &a), PyExc_SystemError, NULL);
    FINE(PyArg_ValidateKeywordArguments(kw) == 1);
    RAISES(!PyArg_ValidateKeywordArguments(number), PyExc_TypeError, "keywords must be strings");
    PyObject *x = NULL, *y = NULL, *made = NULL;
    FINE(PyArg_UnpackTuple(two, "fn", 1, 3, &x, &y, &made) && x != NULL && y != NULL);
    CHECK(made == NULL);
    RAISES(!PyArg_UnpackTuple(empty, "fn", 1, 3, &x, &y, &made), PyExc_TypeError,
           "fn expected at least 1 argument, got 0");
    RAISES(!PyArg_UnpackTuple(four, "fn", 1, 3, &x, &y, &made), PyExc_TypeError,
           "fn expected at most 3 arguments, got 4");
    RAISES(!PyArg_UnpackTuple(four, NULL, 2, 2, &x, &y), PyExc_TypeError,
           "unpacked tuple should have 2 elements, but has 4");
    FINE(PyArg_ParseTuple(one, "O&", make_list, &made) && PyList_GET_SIZE(made) == 1);
    Py_CLEAR(made);
    PyObject *mixed = V("(1, 'x')");
    RAISES(!PyArg_ParseTuple(mixed, "O&i", make_list, &made, &a), PyExc_TypeError,
           "'str' object cannot be interpreted as an integer");
    CHECK(made == NULL);
    RAISES(!PyArg_ParseTuple(mixed, "OO&", &x, make_list, &made), PyExc_LookupError,
           "converter says no");
    PyObject *path = V("('a/b',)"), *converted = NULL;
    FINE(PyArg_ParseTuple(path, "O&", PyUnicode_FSConverter, &converted));
    EQ(converted, "b'a/b'");
    FINE(PyArg_ParseTuple(path, "O&", PyUnicode_FSDecoder, &converted));
    EQ(converted, "'a/b'");
    RAISES(!PyArg_ParseTuple(one, "O&", PyUnicode_FSConverter, &converted), PyExc_TypeError,
           "expected str, bytes or os.PathLike object, not int");
    Py_DECREF(path);
    Py_DECREF(mixed);
    Py_DECREF(named);
    Py_DECREF(empty);
    Py_DECREF(one);
    Py_DECREF(two);
    Py_DECREF(four);
    Py_DECREF(kw);
    Py_DECREF(bad);
    Py_DECREF(number);
}

/* ---- building values ---- */

static PyObject *
double_it(void *address)
{
    return PyLong_FromLong(2 * *(long *)address);
}

static void
test_build(struct unit_result *result)
{
    Py_complex z = {1, 2};
    long number = 21;
    PyObject *list = V("[1]");
    EQ(Py_BuildValue(""), "None");
    EQ(Py_BuildValue("i", -5), "-5");
    EQ(Py_BuildValue("(i)", -5), "(-5,)");
    EQ(Py_BuildValue("bBhHiIlkLKn", -1, 2, -3, 4, -5, 4000000000u, -7L, 8UL, -9LL, 10ULL,
                     (Py_ssize_t)11), "(-1, 2, -3, 4, -5, 4000000000, -7, 8, -9, 10, 11)");
    EQ(Py_BuildValue("fdDcC", 1.5, 2.5, &z, 'x', 0x20ac), "(1.5, 2.5, (1+2j), b'x', '\\u20ac')");
    EQ(Py_BuildValue("s s# z z#", "a", "b\0c", (Py_ssize_t)3, NULL, NULL, (Py_ssize_t)0),
       "('a', 'b\\0c', None, None)");
    EQ(Py_BuildValue("y y# U u u#", "a", "b\0", (Py_ssize_t)2, "c", L"w", L"xyz", (Py_ssize_t)2),
       "(b'a', b'b\\0', 'c', 'w', 'xy')");
    EQ(Py_BuildValue("{s:i,s:(ii)}", "a", 1, "b", 2, 3), "{'a': 1, 'b': (2, 3)}");
    EQ(Py_BuildValue("[i,[],()]", 1), "[1, [], ()]");
    EQ(Py_BuildValue("OSN", list, list, Py_NewRef(list)), "([1], [1], [1])");
    EQ(Py_BuildValue("O&", double_it, &number), "42");
    RAISES(Py_BuildValue("O", NULL) == NULL, PyExc_SystemError,
           "NULL object passed to Py_BuildValue");
    RAISES(Py_BuildValue("(iO)", 1, NULL) == NULL, PyExc_SystemError,
           "NULL object passed to Py_BuildValue");
    PyErr_SetString(PyExc_KeyError, "kept");
    RAISES(Py_BuildValue("(OO)", NULL, list) == NULL, PyExc_KeyError, "'kept'");
    RAISES(Py_BuildValue("(i", 1) == NULL, PyExc_SystemError, "unmatched paren in format");
    RAISES(Py_BuildValue("{s}", "a") == NULL, PyExc_SystemError, "Bad dict format");
    RAISES(Py_BuildValue("!", 1) == NULL, PyExc_SystemError,
           "bad format char passed to Py_BuildValue");
    RAISES(Py_BuildValue("{O:i}", list, 1) == NULL, PyExc_TypeError, "unhashable type: 'list'");
    RAISES(Py_BuildValue("s", "\xff") == NULL, PyExc_UnicodeDecodeError, NULL);
    CHECK(Py_REFCNT(list) == 1);
    Py_DECREF(list);
}

/* ---- calls ---- */

static void
test_calls(struct unit_result *result)
{
    PyObject *f = V("lambda *a, **k: (a, k)"), *one = V("1"), *two = V("'two'");
    PyObject *args = V("(1, 2)"), *kwargs = V("{'x': 3}"), *list = V("[3, 1, 2]");
    EQ(PyObject_CallNoArgs(f), "((), {})");
    EQ(PyObject_CallOneArg(f, one), "((1,), {})");
    EQ(PyObject_Call(f, args, kwargs), "((1, 2), {'x': 3})");
    EQ(PyObject_Call(f, args, NULL), "((1, 2), {})");
    EQ(PyCFunction_Call(f, args, kwargs), "((1, 2), {'x': 3})");
    EQ(PyObject_CallObject(f, NULL), "((), {})");
    EQ(PyObject_CallFunction(f, NULL), "((), {})");
    EQ(PyObject_CallFunction(f, "i", 5), "((5,), {})");
    EQ(PyObject_CallFunction(f, "(ii)", 5, 6), "((5, 6), {})");
    EQ(PyObject_CallFunction(f, "O", args), "((1, 2), {})");
    EQ(PyObject_CallFunction(f, "is", 5, "x"), "((5, 'x'), {})");
    EQ(PyObject_CallFunctionObjArgs(f, one, two, NULL), "((1, 'two'), {})");
    EQ(PyObject_CallMethod(list, "index", "i", 1), "1");
    EQ(PyObject_CallMethod(list, "copy", NULL), "[3, 1, 2]");
    PyObject *name = V("'count'"), *names = V("('k', 'l')");
    EQ(PyObject_CallMethodObjArgs(list, name, one, NULL), "1");
    EQ(PyObject_CallMethodOneArg(list, name, two), "0");
    PyObject *stack[] = {NULL, one, two, args, list};
    EQ(PyObject_Vectorcall(f, stack + 1, 2, NULL), "((1, 'two'), {})");
    EQ(PyObject_Vectorcall(f, stack + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, names),
       "((1, 'two'), {'k': (1, 2), 'l': [3, 1, 2]})");
    CHECK(stack[0] == NULL);
    EQ(PyObject_VectorcallDict(f, stack + 1, 1, kwargs), "((1,), {'x': 3})");
    PyObject *method[] = {list, one};
    EQ(PyObject_VectorcallMethod(name, method, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL), "1");
    CHECK(PyVectorcall_NARGS(5 | PY_VECTORCALL_ARGUMENTS_OFFSET) == 5);
    RAISES(PyObject_CallNoArgs(one) == NULL, PyExc_TypeError, "'int' object is not callable");
    RAISES(PyObject_CallObject(f, list) == NULL, PyExc_TypeError,
           "argument list must be a tuple");
    RAISES(PyObject_CallMethod(list, "nothing", NULL) == NULL, PyExc_AttributeError,
           "'list' object has no attribute 'nothing'");
    RAISES(PyVectorcall_Call(one, args, NULL) == NULL, PyExc_TypeError,
           "'int' object does not support vectorcall");
    RAISES(PyObject_CallFunction(NULL, NULL) == NULL, PyExc_SystemError, NULL);
    RAISES(PyObject_CallMethod(NULL, "x", NULL) == NULL, PyExc_SystemError, NULL);
    FINE(PyCallable_Check(f) == 1 && PyCallable_Check(one) == 0 && PyCallable_Check(NULL) == 0);
    Py_DECREF(f);
    Py_DECREF(one);
    Py_DECREF(two);
    Py_DECREF(args);
    Py_DECREF(kwargs);
    Py_DECREF(list);
    Py_DECREF(name);
    Py_DECREF(names);
}

/* ---- protocols ---- */

static void
test_number(struct unit_result *result)
{
    PyObject *a = V("7"), *b = V("-2"), *s = V("'x'"), *zero = V("0"), *f = V("2.5"), *l = V("[]");
    EQ(PyNumber_Add(a, b), "5");
    EQ(PyNumber_Subtract(a, b), "9");
    EQ(PyNumber_Multiply(a, s), "'xxxxxxx'");
    EQ(PyNumber_TrueDivide(a, b), "-3.5");
    EQ(PyNumber_FloorDivide(a, b), "-4");
    EQ(PyNumber_Remainder(a, b), "-1");
    EQ(PyNumber_Divmod(a, b), "(-4, -1)");
    EQ(PyNumber_Power(a, a, Py_None), "823543");
    EQ(PyNumber_Power(a, a, f) == NULL ? (PyErr_Clear(), V("1")) : V("0"), "1");
    EQ(PyNumber_Negative(a), "-7");
    EQ(PyNumber_Positive(b), "-2");
    EQ(PyNumber_Absolute(b), "2");
    EQ(PyNumber_Invert(a), "-8");
    EQ(PyNumber_Lshift(a, a), "896");
    EQ(PyNumber_Rshift(a, zero), "7");
    EQ(PyNumber_And(a, b), "6");
    EQ(PyNumber_Xor(a, b), "-7");
    EQ(PyNumber_Or(a, b), "-1");
    EQ(PyNumber_InPlaceAdd(a, f), "9.5");
    EQ(PyNumber_InPlaceMultiply(s, a), "'xxxxxxx'");
    EQ(PyNumber_InPlacePower(a, b, Py_None), "7 ** -2");
    EQ(PyNumber_Long(f), "2");
    EQ(PyNumber_Float(a), "7.0");
    EQ(PyNumber_Index(a), "7");
    EQ(PyNumber_ToBase(a, 2), "'0b111'");
    EQ(PyNumber_ToBase(b, 16), "'-0x2'");
    EQ(PyNumber_ToBase(b, 10), "'-2'");
    RAISES(PyNumber_ToBase(a, 7) == NULL, PyExc_SystemError,
           "PyNumber_ToBase: base must be 2, 8, 10 or 16");
    RAISES(PyNumber_Index(f) == NULL, PyExc_TypeError,
           "'float' object cannot be interpreted as an integer");
    RAISES(PyNumber_Add(a, s) == NULL, PyExc_TypeError,
           "unsupported operand type(s) for +: 'int' and 'str'");
    RAISES(PyNumber_InPlaceAdd(l, a) == NULL, PyExc_TypeError, "'int' object is not iterable");
    RAISES(PyNumber_InPlaceSubtract(l, a) == NULL, PyExc_TypeError,
           "unsupported operand type(s) for -=: 'list' and 'int'");
    RAISES(PyNumber_MatrixMultiply(a, b) == NULL, PyExc_TypeError,
           "unsupported operand type(s) for @: 'int' and 'int'");
    RAISES(PyNumber_TrueDivide(a, zero) == NULL, PyExc_ZeroDivisionError, "division by zero");
    RAISES(PyNumber_Negative(s) == NULL, PyExc_TypeError, "bad operand type for unary -: 'str'");
    RAISES(PyNumber_Absolute(s) == NULL, PyExc_TypeError, "bad operand type for abs(): 'str'");
    RAISES(PyNumber_Power(a, s, Py_None) == NULL, PyExc_TypeError,
           "unsupported operand type(s) for ** or pow(): 'int' and 'str'");
    RAISES(PyNumber_Power(a, b, s) == NULL, PyExc_TypeError,
           "unsupported operand type(s) for ** or pow(): 'int', 'int', 'str'");
    RAISES(PyNumber_Long(l) == NULL, PyExc_TypeError, "int() argument must be a string, a "
           "bytes-like object or a real number, not 'list'");
    FINE(PyNumber_Check(a) && PyNumber_Check(f) && !PyNumber_Check(s) && PyIndex_Check(a));
    PyObject *big = V("2**70");
    FINE(PyNumber_AsSsize_t(big, NULL) == PY_SSIZE_T_MAX);
    RAISES(PyNumber_AsSsize_t(big, PyExc_IndexError) == -1, PyExc_IndexError,
           "cannot fit 'int' into an index-sized integer");
    Py_DECREF(big);
    Py_DECREF(a);
    Py_DECREF(b);
    Py_DECREF(s);
    Py_DECREF(zero);
    Py_DECREF(f);
    Py_DECREF(l);
}

static void
test_sequence_mapping(struct unit_result *result)
{
    PyObject *l = V("[1, 2, 3, 2]"), *two = V("2"), *s = V("'abc'"), *d = V("{'k': 1}");
    FINE(PySequence_Check(l) && PySequence_Check(s) && !PySequence_Check(d));
    FINE(PySequence_Size(l) == 4 && PySequence_Length(s) == 3);
    RAISES(PySequence_Size(d) == -1, PyExc_TypeError, "dict is not a sequence");
    RAISES(PySequence_Size(two) == -1, PyExc_TypeError, "object of type 'int' has no len()");
    RAISES(PyObject_Size(two) == -1, PyExc_TypeError, "object of type 'int' has no len()");
    EQ(PySequence_GetItem(l, -1), "2");
    RAISES(PySequence_GetItem(l, 4) == NULL, PyExc_IndexError, "list index out of range");
    RAISES(PySequence_GetItem(d, 0) == NULL, PyExc_TypeError, "dict is not a sequence");
    RAISES(PySequence_GetItem(two, 0) == NULL, PyExc_TypeError,
           "'int' object does not support indexing");
    EQ(PySequence_GetSlice(s, 1, -1), "'b'");
    EQ(PySequence_Concat(l, l), "[1, 2, 3, 2, 1, 2, 3, 2]");
    RAISES(PySequence_Concat(two, l) == NULL, PyExc_TypeError,
           "'int' object can't be concatenated");
    EQ(PySequence_Repeat(s, 2), "'abcabc'");
    RAISES(PySequence_Repeat(two, 2) == NULL, PyExc_TypeError, "'int' object can't be repeated");
    FINE(PySequence_Count(l, two) == 2 && PySequence_Index(l, two) == 1);
    FINE(PySequence_Contains(l, two) == 1 && PySequence_In(l, s) == 0);
    RAISES(PySequence_Index(l, s) == -1, PyExc_ValueError, "sequence.index(x): x not in sequence");
    RAISES(PySequence_Contains(two, two) == -1, PyExc_TypeError,
           "argument of type 'int' is not iterable");
    FINE(PySequence_SetItem(l, -1, s) == 0 && PySequence_DelItem(l, 0) == 0);
    FINE(PySequence_SetSlice(l, 0, 1, s) == 0 && PySequence_DelSlice(l, 1, 3) == 0);
    EQ(PySequence_List(l), "['a', 3, 'abc']");
    EQ(PySequence_Tuple(s), "('a', 'b', 'c')");
    RAISES(PySequence_SetItem(s, 0, two) == -1, PyExc_TypeError,
           "'str' object does not support item assignment");
    RAISES(PySequence_DelItem(s, 0) == -1, PyExc_TypeError,
           "'str' object doesn't support item deletion");
    RAISES(PySequence_Fast(two, "my text") == NULL, PyExc_TypeError, "my text");
    PyObject *fast = PySequence_Fast(s, "no");
    FINE(PySequence_Fast_GET_SIZE(fast) == 3);
    Py_DECREF(fast);
    EQ(PySequence_InPlaceConcat(l, l), "['a', 3, 'abc', 'a', 3, 'abc']");
    EQ(PySequence_InPlaceRepeat(l, 0), "[]");
    FINE(PyMapping_Check(d) && PyMapping_Check(l) && !PyMapping_Check(two));
    FINE(PyMapping_Size(d) == 1 && PyMapping_HasKeyString(d, "k") && !PyMapping_HasKey(d, two));
    EQ(PyMapping_GetItemString(d, "k"), "1");
    FINE(PyMapping_SetItemString(d, "n", two) == 0);
    EQ(PyMapping_Keys(d), "['k', 'n']");
    EQ(PyMapping_Values(d), "[1, 2]");
    EQ(PyMapping_Items(d), "[('k', 1), ('n', 2)]");
    RAISES(PyMapping_Keys(two) == NULL, PyExc_AttributeError,
           "'int' object has no attribute 'keys'");
    RAISES(PyMapping_GetItemString(d, "zz") == NULL, PyExc_KeyError, "'zz'");
    FINE(PyObject_DelItemString(d, "n") == 0);
    RAISES(PyObject_DelItem(d, two) == -1, PyExc_KeyError, "2");
    RAISES(PyObject_GetItem(two, two) == NULL, PyExc_TypeError,
           "'int' object is not subscriptable");
    RAISES(PyObject_SetItem(two, two, two) == -1, PyExc_TypeError,
           "'int' object does not support item assignment");
    RAISES(PyObject_DelItem(two, two) == -1, PyExc_TypeError,
           "'int' object does not support item deletion");
    RAISES(PyObject_GetItem(NULL, two) == NULL, PyExc_SystemError,
           "null argument to internal routine");
    EQ(PyObject_GetItem((PyObject *)&PyList_Type, (PyObject *)&PyLong_Type), "list[int]");
    RAISES(PyObject_GetItem((PyObject *)&PyLong_Type, two) == NULL, PyExc_TypeError,
           "type 'int' is not subscriptable");
    FINE(PyObject_LengthHint(two, 7) == 7 && PyObject_LengthHint(s, 7) == 3);
    Py_DECREF(l);
    Py_DECREF(two);
    Py_DECREF(s);
    Py_DECREF(d);
}

static void
test_object(struct unit_result *result)
{
    PyObject *o = V("type('T', (), {'x': 1, '__len__': lambda s: -1, '__hash__': None})()");
    PyObject *one = V("1"), *s = V("'abc'"), *name = V("'x'"), *number = V("5"), *list = V("[]");
    EQ(PyObject_GetAttr(o, name), "1");
    EQ(PyObject_GetAttrString(o, "x"), "1");
    RAISES(PyObject_GetAttrString(o, "y") == NULL, PyExc_AttributeError,
           "'T' object has no attribute 'y'");
    RAISES(PyObject_GetAttr(o, number) == NULL, PyExc_TypeError,
           "attribute name must be string, not 'int'");
    RAISES(PyObject_SetAttr(o, number, one) == -1, PyExc_TypeError,
           "attribute name must be string, not 'int'");
    FINE(PyObject_SetAttrString(o, "y", s) == 0 && PyObject_HasAttrString(o, "y"));
    FINE(PyObject_DelAttrString(o, "y") == 0 && !PyObject_HasAttrString(o, "y"));
    RAISES(PyObject_DelAttrString(o, "y") == -1, PyExc_AttributeError,
           "'T' object has no attribute 'y'");
    RAISES(PyObject_SetAttrString(one, "y", s) == -1, PyExc_AttributeError,
           "'int' object has no attribute 'y'");
    RAISES(PyObject_Size(o) == -1, PyExc_ValueError, "__len__() should return >= 0");
    RAISES(PyObject_Hash(o) == -1, PyExc_TypeError, "unhashable type: 'T'");
    RAISES(PyObject_IsTrue(o) == -1, PyExc_ValueError, "__len__() should return >= 0");
    EQ(PyObject_Repr(NULL), "'<NULL>'");
    EQ(PyObject_Str(NULL), "'<NULL>'");
    EQ(PyObject_Bytes(NULL), "b'<NULL>'");
    EQ(PyObject_ASCII(s), "\"'abc'\"");
    EQ(PyObject_Format(one, NULL), "'1'");
    RAISES(PyObject_Format(one, number) == NULL, PyExc_SystemError,
           "Format specifier must be a string, not int");
    EQ(PyObject_Type(one), "int");
    RAISES(PyObject_Type(NULL) == NULL, PyExc_SystemError, "null argument to internal routine");
    FINE(PyObject_RichCompareBool(one, one, Py_EQ) == 1 && PyObject_Not(list) == 1);
    RAISES(PyObject_RichCompare(one, s, Py_LT) == NULL, PyExc_TypeError,
           "'<' not supported between instances of 'int' and 'str'");
    FINE(PyObject_IsInstance(one, (PyObject *)&PyLong_Type) == 1);
    FINE(PyObject_IsSubclass((PyObject *)&PyBool_Type, (PyObject *)&PyLong_Type) == 1);
    RAISES(PyObject_IsInstance(one, one) == -1, PyExc_TypeError,
           "isinstance() arg 2 must be a type, a tuple of types, or a union");
    RAISES(PyObject_IsSubclass(one, one) == -1, PyExc_TypeError,
           "issubclass() arg 1 must be a class");
    PyObject *names = PyObject_Dir(one);
    FINE(names != NULL && PyList_Check(names));
    Py_XDECREF(names);
    PyObject *it = PyObject_GetIter(s);
    FINE(PyIter_Check(it) && !PyIter_Check(s));
    EQ(PyIter_Next(it), "'a'");
    PyObject *next = NULL;
    CHECK(PyIter_Send(it, Py_None, &next) == PYGEN_NEXT);
    EQ(next, "'b'");
    Py_DECREF(it);
    RAISES(PyObject_GetIter(one) == NULL, PyExc_TypeError, "'int' object is not iterable");
    RAISES(PyObject_GetAIter(one) == NULL, PyExc_TypeError,
           "'int' object is not an async iterable");
    FINE(PyObject_AsFileDescriptor(number) == 5);
    RAISES(PyObject_AsFileDescriptor(list) == -1, PyExc_TypeError,
           "argument must be an int, or have a fileno() method.");
    EQ(PyObject_GenericGetAttr(o, name), "1");
    PyObject *dict = PyObject_GenericGetDict(o, NULL);
    EQ(dict, "{}");
    RAISES(PyObject_GenericSetDict(o, one, NULL) == -1, PyExc_TypeError,
           "__dict__ must be set to a dictionary, not a 'int'");
    Py_DECREF(o);
    Py_DECREF(one);
    Py_DECREF(s);
    Py_DECREF(name);
    Py_DECREF(number);
    Py_DECREF(list);
}

static const struct unit_test tests[] = {
    {"arguments: numbers", test_parse_numbers},
    {"arguments: strings and buffers", test_parse_strings},
    {"arguments: keywords and converters", test_parse_keywords},
    {"Py_BuildValue", test_build},
    {"calls", test_calls},
    {"number protocol", test_number},
    {"sequence and mapping protocol", test_sequence_mapping},
    {"object protocol", test_object},
};

CAPI_MAIN(tests)
