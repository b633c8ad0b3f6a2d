/* float: text, hexadecimal form and packed bytes.
 * Written from the library reference (float.fromhex, float.hex, struct), the C API reference
 * (PyFloat_Pack, PyFloat_Unpack) and IEEE 754. */
#include "Python.h"
#include "pycore_float.h"
#include "pycore_object.h"
#include "pycore_private_api.h"
#include "pycore_pystate.h"

#include <float.h>
#include <math.h>

/* ---- text -------------------------------------------------------------------------------- */

PyObject *
_PyFloat_Repr(PyObject *v)
{
    char *buf = PyOS_double_to_string(PyFloat_AS_DOUBLE(v), 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (buf == NULL) {
        return NULL;
    }
    PyObject *result = _PyUnicode_FromASCII(buf, (Py_ssize_t)strlen(buf));
    PyMem_Free(buf);
    return result;
}

/* `arg` is the object that stands in messages. */
static PyObject *
float_from_string_inner(const char *s, Py_ssize_t len, void *arg)
{
    const char *last = s + len;
    const char *begin = s;
    while (Py_ISSPACE(*s)) {
        s++;
    }
    if (s == last) {
        PyErr_Format(PyExc_ValueError, "could not convert string to float: %R", (PyObject *)arg);
        return NULL;
    }
    while (last > begin && Py_ISSPACE(last[-1])) {
        last--;
    }
    const char *end;
    double x = PyOS_string_to_double(s, (char **)&end, NULL);
    if (end != last) {
        PyErr_Clear();
        PyErr_Format(PyExc_ValueError, "could not convert string to float: %R", (PyObject *)arg);
        return NULL;
    }
    if (x == -1.0 && PyErr_Occurred()) {
        return NULL;
    }
    return PyFloat_FromDouble(x);
}

/* From a str, bytes, bytearray or buffer: new reference, or NULL with an error. */
PyObject *
PyFloat_FromString(PyObject *v)
{
    PyObject *holder = NULL;
    Py_buffer view = {NULL, NULL};
    const char *s;
    Py_ssize_t len;
    if (PyUnicode_Check(v)) {
        /* digits of all scripts, spaces of all kinds */
        holder = _PyUnicode_TransformDecimalAndSpaceToASCII(v);
        if (holder == NULL) {
            return NULL;
        }
        s = PyUnicode_AsUTF8AndSize(holder, &len);
        assert(s != NULL);
    }
    else if (PyBytes_Check(v)) {
        s = PyBytes_AS_STRING(v);
        len = PyBytes_GET_SIZE(v);
    }
    else if (PyByteArray_Check(v)) {
        s = PyByteArray_AS_STRING(v);
        len = PyByteArray_GET_SIZE(v);
    }
    else if (PyObject_GetBuffer(v, &view, PyBUF_SIMPLE) == 0) {
        /* the text must end in NUL */
        holder = PyBytes_FromStringAndSize(view.buf, view.len);
        if (holder == NULL) {
            PyBuffer_Release(&view);
            return NULL;
        }
        s = PyBytes_AS_STRING(holder);
        len = PyBytes_GET_SIZE(holder);
    }
    else {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError,
                     "float() argument must be a string or a real number, not '%.200s'",
                     Py_TYPE(v)->tp_name);
        return NULL;
    }
    PyObject *result = _Py_string_to_number_with_underscores(s, len, "float", v, v,
                                                             float_from_string_inner);
    PyBuffer_Release(&view);
    Py_XDECREF(holder);
    return result;
}

/* ---- hexadecimal form ------------------------------------------------------------------------ */

const char _PyFloat_Hex__doc__[] =
    "hex($self, /)\n--\n\n"
    "Return a hexadecimal representation of a floating-point number.\n"
    "\n"
    ">>> (-0.1).hex()\n"
    "'-0x1.999999999999ap-4'\n"
    ">>> 3.14159.hex()\n"
    "'0x1.921f9f01b866ep+1'";

PyObject *
_PyFloat_Hex(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    double x = PyFloat_AS_DOUBLE(self);
    if (!isfinite(x)) {
        return _PyFloat_Repr(self);
    }
    const char *sign = signbit(x) ? "-" : "";
    x = fabs(x);
    if (x == 0.0) {
        return PyUnicode_FromFormat("%s0x0.0p+0", sign);
    }
    int e;
    double m = frexp(x, &e);
    /* one digit before the point, 13 behind it; subnormals keep the exponent -1022 */
    int shift = 1 - Py_MAX(DBL_MIN_EXP - e, 0);
    m = ldexp(m, shift);
    e -= shift;
    char digits[16];
    int lead = (int)m;
    m -= lead;
    for (int i = 0; i < 13; i++) {
        m *= 16.0;
        digits[i] = "0123456789abcdef"[(int)m];
        m -= (int)m;
    }
    digits[13] = '\0';
    return PyUnicode_FromFormat("%s0x%d.%sp%c%d", sign, lead, digits, e < 0 ? '-' : '+', abs(e));
}

const char _PyFloat_FromHex__doc__[] =
    "fromhex($type, string, /)\n--\n\n"
    "Create a floating-point number from a hexadecimal string.\n"
    "\n"
    ">>> float.fromhex('0x1.ffffp10')\n"
    "2047.984375\n"
    ">>> float.fromhex('-0x1p-1074')\n"
    "-5e-324";

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum hex_error {HEX_OK, HEX_PARSE, HEX_OVERFLOW, HEX_TOO_LONG};

/* Parses [0x]h.hhh[p[+-]d]; *end is moved behind it. */
static enum hex_error
parse_hex(const char *s, const char **end, double *value)
{
    if (s[0] == '0' && (s[1] | 0x20) == 'x') {
        s += 2;
    }
    const char *start = s;
    while (hex_digit(*s) >= 0) {
        s++;
    }
    const char *point = s, *stop = s;
    if (*s == '.') {
        s++;
        while (hex_digit(*s) >= 0) {
            s++;
        }
        stop = s;
    }
    Py_ssize_t ndigits = stop - start - (stop != point);
    Py_ssize_t fraction = stop != point ? stop - point - 1 : 0;
    if (ndigits == 0) {
        return HEX_PARSE;
    }
    if (ndigits > LONG_MAX / 8) {
        return HEX_TOO_LONG;
    }
    long exp = 0;
    if ((*s | 0x20) == 'p') {
        s++;
        const char *exp_start = s;
        if (*s == '-' || *s == '+') {
            s++;
        }
        if (!Py_ISDIGIT(*s)) {
            return HEX_PARSE;
        }
        while (Py_ISDIGIT(*s)) {
            s++;
        }
        exp = strtol(exp_start, NULL, 10);
    }
    *end = s;
    /* digit j counted from the least significant one */
#define DIGIT(J) hex_digit(*((J) < fraction ? stop - 1 - (J) : stop - 1 - (J) - (stop != point)))
    while (ndigits > 0 && DIGIT(ndigits - 1) == 0) {
        ndigits--;
    }
    if (ndigits == 0 || exp < LONG_MIN / 2) {
        *value = 0.0;
        return HEX_OK;
    }
    if (exp > LONG_MAX / 2) {
        return HEX_OVERFLOW;
    }
    exp -= 4 * (long)fraction;
    long top = exp + 4 * ((long)ndigits - 1);
    for (int digit = DIGIT(ndigits - 1); digit != 0; digit /= 2) {
        top++;
    }
    /* value < 2**top */
    if (top < DBL_MIN_EXP - DBL_MANT_DIG) {
        *value = 0.0;
        return HEX_OK;
    }
    if (top > DBL_MAX_EXP) {
        return HEX_OVERFLOW;
    }
    long lsb = Py_MAX(top, (long)DBL_MIN_EXP) - DBL_MANT_DIG;
    double x = 0.0;
    if (exp >= lsb) {
        for (Py_ssize_t i = ndigits - 1; i >= 0; i--) {
            x = 16.0 * x + DIGIT(i);
        }
        *value = ldexp(x, (int)exp);
        return HEX_OK;
    }
    /* Round half to even at the bit below lsb, which is in digit `key`. */
    int half_bit = 1 << (int)((lsb - exp - 1) % 4);
    Py_ssize_t key = (lsb - exp - 1) / 4;
    for (Py_ssize_t i = ndigits - 1; i > key; i--) {
        x = 16.0 * x + DIGIT(i);
    }
    int digit = DIGIT(key);
    x = 16.0 * x + (double)(digit & (16 - 2 * half_bit));
    if (digit & half_bit) {
        int up = (digit & (3 * half_bit - 1)) != 0 && (digit & (half_bit - 1)) != 0;
        up |= half_bit == 8 ? key + 1 < ndigits && (DIGIT(key + 1) & 1)
                            : (digit & (2 * half_bit)) != 0;
        for (Py_ssize_t i = key - 1; !up && i >= 0; i--) {
            up = DIGIT(i) != 0;
        }
        if (up) {
            x += 2 * half_bit;
            if (top == DBL_MAX_EXP && x == ldexp((double)(2 * half_bit), DBL_MANT_DIG)) {
                return HEX_OVERFLOW;
            }
        }
    }
    *value = ldexp(x, (int)(exp + 4 * key));
    return HEX_OK;
#undef DIGIT
}

PyObject *
_PyFloat_FromHex(PyObject *type, PyObject *string)
{
    Py_ssize_t length;
    const char *s = PyUnicode_AsUTF8AndSize(string, &length);
    if (s == NULL) {
        return NULL;
    }
    const char *s_end = s + length;
    while (Py_ISSPACE(*s)) {
        s++;
    }
    char *inf_end;
    double x = _Py_parse_inf_or_nan(s, &inf_end);
    const char *end = inf_end;
    enum hex_error error = HEX_OK;
    if (end == s) {
        int negative = *s == '-';
        if (*s == '-' || *s == '+') {
            s++;
        }
        error = parse_hex(s, &end, &x);
        x = negative ? -x : x;
    }
    if (error == HEX_OVERFLOW) {
        PyErr_SetString(PyExc_OverflowError,
                        "hexadecimal value too large to represent as a float");
        return NULL;
    }
    if (error == HEX_TOO_LONG) {
        PyErr_SetString(PyExc_ValueError, "hexadecimal string too long to convert");
        return NULL;
    }
    if (error == HEX_OK) {
        while (Py_ISSPACE(*end)) {
            end++;
        }
    }
    if (error == HEX_PARSE || end != s_end) {
        PyErr_SetString(PyExc_ValueError, "invalid hexadecimal floating-point string");
        return NULL;
    }
    PyObject *result = PyFloat_FromDouble(x);
    if (type != (PyObject *)&PyFloat_Type && result != NULL) {
        Py_SETREF(result, PyObject_CallOneArg(type, result));
    }
    return result;
}

/* ---- packed bytes ---------------------------------------------------------------------------- */

static void
put_bytes(char *data, uint64_t bits, int size, int le)
{
    for (int i = 0; i < size; i++) {
        data[le ? i : size - 1 - i] = (char)(bits >> (8 * i));
    }
}

static uint64_t
get_bytes(const char *data, int size, int le)
{
    uint64_t bits = 0;
    for (int i = 0; i < size; i++) {
        bits |= (uint64_t)(unsigned char)data[le ? i : size - 1 - i] << (8 * i);
    }
    return bits;
}

/* IEEE 754 binary16: 0, or -1 with OverflowError. */
int
PyFloat_Pack2(double x, char *data, int le)
{
    unsigned sign = signbit(x) ? 1 : 0;
    int e;
    unsigned bits;
    if (x == 0.0) {
        e = 0;
        bits = 0;
    }
    else if (isinf(x)) {
        e = 0x1f;
        bits = 0;
    }
    else if (isnan(x)) {
        e = 0x1f;
        bits = 512;
    }
    else {
        double f = frexp(fabs(x), &e);
        f *= 2.0;
        e--;
        if (e >= 16) {
            goto overflow;
        }
        if (e < -25) {
            f = 0.0;            /* below half of the smallest subnormal */
            e = 0;
        }
        else if (e < -14) {
            f = ldexp(f, 14 + e);
            e = 0;
        }
        else {
            e += 15;
            f -= 1.0;
        }
        f *= 1024.0;
        bits = (unsigned)f;
        f -= bits;
        assert(f < 1.0);
        if (f > 0.5 || (f == 0.5 && (bits & 1))) {
            if (++bits == 1024) {
                bits = 0;
                if (++e == 31) {
                    goto overflow;
                }
            }
        }
    }
    put_bytes(data, bits | (uint64_t)e << 10 | (uint64_t)sign << 15, 2, le);
    return 0;
overflow:
    PyErr_SetString(PyExc_OverflowError, "float too large to pack with e format");
    return -1;
}

int
PyFloat_Pack4(double x, char *data, int le)
{
    float y = (float)x;
    if (isinf(y) && !isinf(x)) {
        PyErr_SetString(PyExc_OverflowError, "float too large to pack with f format");
        return -1;
    }
    uint32_t bits;
    memcpy(&bits, &y, sizeof(bits));
    put_bytes(data, bits, 4, le);
    return 0;
}

int
PyFloat_Pack8(double x, char *data, int le)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    put_bytes(data, bits, 8, le);
    return 0;
}

double
PyFloat_Unpack2(const char *data, int le)
{
    unsigned bits = (unsigned)get_bytes(data, 2, le);
    int sign = (bits >> 15) & 1, e = (bits >> 10) & 0x1f;
    unsigned f = bits & 0x3ff;
    double x;
    if (e == 0x1f) {
        x = f == 0 ? Py_HUGE_VAL : fabs(Py_NAN);
    }
    else if (e == 0) {
        x = ldexp((double)f, -24);
    }
    else {
        x = ldexp(1024.0 + (double)f, e - 25);
    }
    return sign ? -x : x;
}

double
PyFloat_Unpack4(const char *data, int le)
{
    uint32_t bits = (uint32_t)get_bytes(data, 4, le);
    float x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

double
PyFloat_Unpack8(const char *data, int le)
{
    uint64_t bits = get_bytes(data, 8, le);
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}
