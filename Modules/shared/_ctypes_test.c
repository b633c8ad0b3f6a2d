/* _ctypes_test: a shared library whose functions CPython's tests of ctypes call (test.test_ctypes).
 *
 * The tests load it by its file name; as a Python module it is empty.  The exported variables are
 * writable because tests read and change them: this library is for tests only.
 *
 * Written from what the tests expect of the functions.
 */
#include "Python.h"

#include <math.h>
#include <wchar.h>

#define EXPORT Py_EXPORTED_SYMBOL

/* ------------------------------------------------------------- functions of the C library */

EXPORT double my_sqrt(double x)
{
    return sqrt(x);
}

EXPORT void my_qsort(void *base, size_t n, size_t size, int (*compare)(const void *, const void *))
{
    qsort(base, n, size, compare);
}

EXPORT char *my_strchr(const char *s, int c)
{
    return strchr(s, c);
}

EXPORT void *get_strchr(void)
{
    return (void *)my_strchr;
}

EXPORT char *my_strtok(char *s, const char *delimiters)
{
    return strtok(s, delimiters);
}

EXPORT char *my_strdup(const char *s)
{
    return strdup(s);
}

EXPORT wchar_t *my_wcsdup(const wchar_t *s)
{
    return wcsdup(s);
}

EXPORT size_t my_wcslen(const wchar_t *s)
{
    return wcslen(s);
}

EXPORT void my_free(void *p)
{
    free(p);
}

/* ------------------------------------------------------- a third of each type of argument */

EXPORT long long last_tf_arg_s = 0;
EXPORT unsigned long long last_tf_arg_u = 0;

/* tf_NAME(x) keeps the argument and returns a third; tf_bNAME(0, x) does it with an argument more
   in front. */
#define THIRD(NAME, TYPE, LAST, LAST_TYPE) \
    EXPORT TYPE tf_##NAME(TYPE x) \
    { \
        LAST = (LAST_TYPE)x; \
        return x / 3; \
    } \
    EXPORT TYPE tf_b##NAME(signed char Py_UNUSED(first), TYPE x) \
    { \
        LAST = (LAST_TYPE)x; \
        return x / 3; \
    }

THIRD(b, signed char, last_tf_arg_s, long long)
THIRD(h, short, last_tf_arg_s, long long)
THIRD(i, int, last_tf_arg_s, long long)
THIRD(l, long, last_tf_arg_s, long long)
THIRD(q, long long, last_tf_arg_s, long long)
THIRD(f, float, last_tf_arg_s, long long)
THIRD(d, double, last_tf_arg_s, long long)
THIRD(D, long double, last_tf_arg_s, long long)
THIRD(B, unsigned char, last_tf_arg_u, unsigned long long)
THIRD(H, unsigned short, last_tf_arg_u, unsigned long long)
THIRD(I, unsigned int, last_tf_arg_u, unsigned long long)
THIRD(L, unsigned long, last_tf_arg_u, unsigned long long)
THIRD(Q, unsigned long long, last_tf_arg_u, unsigned long long)

EXPORT void tv_i(int x)
{
    last_tf_arg_s = x;
}

/* ----------------------------------------------------------------------- mixed arguments */

EXPORT int _testfunc_i_bhilfd(signed char b, short h, int i, long l, float f, double d)
{
    return (int)(b + h + i + l + f + d);
}

EXPORT float _testfunc_f_bhilfd(signed char b, short h, int i, long l, float f, double d)
{
    return (float)(b + h + i + l + f + d);
}

EXPORT double _testfunc_d_bhilfd(signed char b, short h, int i, long l, float f, double d)
{
    return b + h + i + l + f + d;
}

EXPORT long double
_testfunc_D_bhilfD(signed char b, short h, int i, long l, float f, long double d)
{
    return b + h + i + l + f + d;
}

EXPORT long long _testfunc_q_bhilfd(signed char b, short h, int i, long l, float f, double d)
{
    return (long long)(b + h + i + l + f + d);
}

EXPORT long long
_testfunc_q_bhilfdq(signed char b, short h, int i, long l, float f, double d, long long q)
{
    return (long long)(b + h + i + l + f + d + q);
}

EXPORT void _testfunc_v(int a, int b, int *sum)
{
    *sum = a + b;
}

EXPORT void *_testfunc_p_p(void *p)
{
    return p;
}

EXPORT int *_testfunc_ai8(int a[8])
{
    return a;
}

EXPORT char *_testfunc_c_p_p(int *count, char **texts)
{
    return texts[*count - 1];
}

/* Called with the GIL. */
EXPORT int _testfunc_pylist_append(PyObject *list, PyObject *item)
{
    return PyList_Append(list, item);
}

/* ----------------------------------------------------------------------------- callbacks */

EXPORT int _testfunc_callback_i_if(int value, int (*f)(int))
{
    int sum = 0;
    for (; value != 0; value /= 2) {
        sum += f(value);
    }
    return sum;
}

EXPORT long long _testfunc_callback_q_qf(long long value, long long (*f)(long long))
{
    long long sum = 0;
    for (; value != 0; value /= 2) {
        sum += f(value);
    }
    return sum;
}

EXPORT int _testfunc_callback_with_pointer(int (*f)(int *))
{
    int numbers[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    return f(numbers);
}

EXPORT int
_testfunc_cbk_reg_int(int a, int b, int c, int d, int e, int (*f)(int, int, int, int, int))
{
    return f(a * a, b * b, c * c, d * d, e * e);
}

EXPORT double
_testfunc_cbk_reg_double(double a, double b, double c, double d, double e,
                         double (*f)(double, double, double, double, double))
{
    return f(a * a, b * b, c * c, d * d, e * e);
}

/* The integral of f from a to b, by n rectangles. */
EXPORT double integrate(double a, double b, double (*f)(double), long n)
{
    double sum = 0, width = (b - a) / (double)n;
    for (long i = 0; i < n; i++) {
        sum += f(a + ((double)i + 0.5) * width) * width;
    }
    return sum;
}

/* ---------------------------------------------------------------------------- structures */

typedef struct {
    int x, y;
} point;

EXPORT int _testfunc_byval(point in, point *out)
{
    if (out != NULL) {
        *out = in;
    }
    return in.x + in.y;
}

typedef struct {
    short x, y;
} two_shorts;

EXPORT two_shorts ret_2h_func(two_shorts in)
{
    return (two_shorts){(short)(in.x * 2), (short)(in.y * 3)};
}

typedef struct {
    int n[8];
} eight_ints;

EXPORT eight_ints ret_8i_func(eight_ints in)
{
    for (int i = 0; i < 8; i++) {
        in.n[i] *= i + 2;
    }
    return in;
}

typedef struct {
    unsigned long first, second, third;
} large_struct;

EXPORT void _testfunc_cbk_large_struct(large_struct in, void (*f)(large_struct))
{
    f(in);
}

/* These change their own copy of the argument; volatile: really. */
EXPORT void _testfunc_large_struct_update_value(large_struct in)
{
    volatile large_struct *own = &in;
    own->first = own->second = own->third = 0x0badf00d;
}

typedef struct {
    unsigned int first, second;
} register_struct;

EXPORT register_struct last_tfrsuv_arg = {0, 0};

EXPORT void _testfunc_reg_struct_update_value(register_struct in)
{
    last_tfrsuv_arg = in;
    volatile register_struct *own = &in;
    own->first = own->second = 0x0badf00d;
}

typedef struct {
    unsigned char data[16];
} bytes_struct;

EXPORT int _testfunc_array_in_struct1(bytes_struct in)
{
    volatile bytes_struct *own = &in;
    int sum = 0;
    for (int i = 0; i < 16; i++) {
        sum += own->data[i];
        own->data[i] = 0;
    }
    return sum;
}

typedef struct {
    double data[2];
} doubles_struct;

EXPORT double _testfunc_array_in_struct2(doubles_struct in)
{
    volatile doubles_struct *own = &in;
    double sum = own->data[0] + own->data[1];
    own->data[0] = own->data[1] = 0;
    return sum;
}

typedef struct {
    float data[2], more_data[2];
} floats_struct;

EXPORT double _testfunc_array_in_struct2a(floats_struct in)
{
    volatile floats_struct *own = &in;
    double sum = (double)own->data[0] + own->data[1] + own->more_data[0] + own->more_data[1];
    own->data[0] = own->data[1] = own->more_data[0] = own->more_data[1] = 0;
    return sum;
}

typedef struct {
    double data[4];
} four_doubles;

EXPORT four_doubles _testfunc_array_in_struct_set_defaults_3C(void)
{
    return (four_doubles){{1, 2, 3, 4}};
}

typedef struct {
    double data[5];
} five_doubles;

EXPORT five_doubles _testfunc_array_in_struct_set_defaults_3D(void)
{
    return (five_doubles){{1, 2, 3, 4, 5}};
}

typedef struct {
    long x, y;
} long_point;

typedef struct {
    long left, top, right, bottom;
} rectangle;

EXPORT long left = 10, top = 20, right = 30, bottom = 40;

EXPORT int PointInRect(rectangle *r, long_point p)
{
    return p.x >= r->left && p.x < r->right && p.y >= r->top && p.y < r->bottom;
}

static int
is_the_rectangle(const rectangle *r)
{
    return r->left == left && r->top == top && r->right == right && r->bottom == bottom;
}

/* The number-th of the rectangles; all zero if an argument is not what the test passes. */
EXPORT rectangle
ReturnRect(int number, rectangle a, rectangle *b, long_point p, rectangle c, rectangle *d,
           long_point q, rectangle e)
{
    const rectangle *const all[] = {&a, b, &c, d, &e};
    for (int i = 0; i < 5; i++) {
        if (!is_the_rectangle(all[i])) {
            return (rectangle){0, 0, 0, 0};
        }
    }
    if (p.x != q.x || p.y != q.y || number < 0 || number >= 5) {
        return (rectangle){0, 0, 0, 0};
    }
    return *all[number];
}

/* ---------------------------------------------------------------------------- bit fields */

typedef struct {
    int A : 1, B : 2, C : 3, D : 4, E : 5, F : 6, G : 7, H : 8, I : 9;
    short M : 1, N : 2, O : 3, P : 4, Q : 5, R : 6, S : 7;
} bits_struct;

EXPORT int unpack_bitfields(bits_struct *bits, char name)
{
    /* no switch: #NAME[0] is no constant expression */
#define X(NAME) \
    if (name == #NAME[0]) { \
        return bits->NAME; \
    }
    X(A) X(B) X(C) X(D) X(E) X(F) X(G) X(H) X(I)
    X(M) X(N) X(O) X(P) X(Q) X(R) X(S)
#undef X
    return 999;
}

/* ----------------------------------------------------------------------------- variables */

EXPORT int an_integer = 42;

EXPORT int get_an_integer(void)
{
    return an_integer;
}

/* ---------------------------------------------------------------------------- the module */

static PyModuleDef_Slot test_slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static struct PyModuleDef test_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_ctypes_test",
    .m_size = 0,
    .m_slots = test_slots,
};

PyMODINIT_FUNC
PyInit__ctypes_test(void)
{
    return PyModuleDef_Init(&test_module);
}
