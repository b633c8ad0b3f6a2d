/* array: what a type code means.
 *
 *   item          one element of an array, in its C type
 *   descriptor    what is known of a type code
 *   format        the name of an item's bytes in pickles, independent of the machine
 */
#ifndef LADON_ARRAY_H
#define LADON_ARRAY_H

#include "Python.h"

#include <stdbool.h>

/* An item in its C type. */
union item {
    signed char b;
    unsigned char B;
    short h;
    unsigned short H;
    int i;
    unsigned int I;
    long l;
    unsigned long L;
    long long q;
    unsigned long long Q;
    float f;
    double d;
    Py_UCS4 u;
    char bytes[8];
};

/* How pickles name what is in the bytes. */
enum format {
    UNKNOWN_FORMAT = -1,
    UNSIGNED_INT8, SIGNED_INT8,
    UNSIGNED_INT16_LE, UNSIGNED_INT16_BE, SIGNED_INT16_LE, SIGNED_INT16_BE,
    UNSIGNED_INT32_LE, UNSIGNED_INT32_BE, SIGNED_INT32_LE, SIGNED_INT32_BE,
    UNSIGNED_INT64_LE, UNSIGNED_INT64_BE, SIGNED_INT64_LE, SIGNED_INT64_BE,
    FLOAT_LE, FLOAT_BE, DOUBLE_LE, DOUBLE_BE,
    UTF16_LE, UTF16_BE, UTF32_LE, UTF32_BE,
    FORMAT_COUNT
};

/* Native formats, given the little-endian ones. */
#define NATIVE(FORMAT) (PY_LITTLE_ENDIAN ? FORMAT ## _LE : FORMAT ## _BE)

/* What a type code means.  The first two fields are where extension code expects them. */
struct descriptor {
    char typecode;
    int itemsize;
    PyObject *(*get)(const char *p);                /* new reference, or NULL */
    int (*convert)(PyObject *v, union item *item);  /* 0, or -1 with an exception */
    const char *buffer_format;                      /* as in the module struct */
    enum format format;
    bool is_integer, is_signed;
};

#define ARRAY_TYPECODES 13

/* In the order of array.typecodes. */
extern const struct descriptor _PyArray_Descriptors[ARRAY_TYPECODES];

/* The descriptor of a type code, or NULL. */
extern const struct descriptor *_PyArray_FindDescriptor(int typecode);

/* n items of the type code 'u' as a str: new reference, or NULL with an exception. */
extern PyObject *_PyArray_StrOfChars(const char *p, Py_ssize_t n);

#endif
