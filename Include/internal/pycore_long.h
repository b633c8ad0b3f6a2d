/* pycore_long.h - inside of ints, for the core only.
 *
 * An int is sign and magnitude; the magnitude is an array of 30-bit digits, least significant
 * first, without leading zeros.  `lv_tag` holds digit count << 3 | sign, where sign is 0 for
 * positive, 1 for zero, 2 for negative (bit 2 is unused).  Zero has digit count 0; its ob_digit[0]
 * exists and is 0, so that the value of a *compact* int (0 or 1 digit) is (1 - sign) * ob_digit[0].
 * Ints from -5 to 256 are shared static objects, and every function that returns a new int
 * returns those for such values.
 */
#ifndef Py_INTERNAL_LONG_H
#define Py_INTERNAL_LONG_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_global_objects.h"  // small_ints

#include <stdbool.h>

/* Limit of digits for conversion between str and int (sys.set_int_max_str_digits): the default,
   and the number below which the limit is not even checked and cannot be set. */
#define _PY_LONG_DEFAULT_MAX_STR_DIGITS 4300
#define _PY_LONG_MAX_STR_DIGITS_THRESHOLD 640

#define SIGN_MASK 3
#define SIGN_ZERO 1
#define SIGN_NEGATIVE 2
#define NON_SIZE_BITS 3

#define TAG_FROM_SIGN_AND_SIZE(sign, size) \
    ((uintptr_t)(1 - (sign)) | ((uintptr_t)(size) << NON_SIZE_BITS))

/* Tags of True and False. */
#define _PyLong_FALSE_TAG TAG_FROM_SIGN_AND_SIZE(0, 0)
#define _PyLong_TRUE_TAG TAG_FROM_SIGN_AND_SIZE(1, 1)

static inline bool
_PyLong_IsZero(const PyLongObject *op)
{
    return (op->long_value.lv_tag & SIGN_MASK) == SIGN_ZERO;
}

static inline bool
_PyLong_IsNegative(const PyLongObject *op)
{
    return (op->long_value.lv_tag & SIGN_MASK) == SIGN_NEGATIVE;
}

static inline bool
_PyLong_IsPositive(const PyLongObject *op)
{
    return (op->long_value.lv_tag & SIGN_MASK) == 0;
}

static inline bool
_PyLong_IsNonNegativeCompact(const PyLongObject *op)
{
    assert(PyLong_Check((PyObject *)op));
    return op->long_value.lv_tag <= ((1 << NON_SIZE_BITS) | SIGN_ZERO);
}

static inline bool
_PyLong_BothAreCompact(const PyLongObject *a, const PyLongObject *b)
{
    assert(PyLong_Check((PyObject *)a) && PyLong_Check((PyObject *)b));
    return (a->long_value.lv_tag | b->long_value.lv_tag) < (2 << NON_SIZE_BITS);
}

static inline Py_ssize_t
_PyLong_DigitCount(const PyLongObject *op)
{
    assert(PyLong_Check((PyObject *)op));
    return (Py_ssize_t)(op->long_value.lv_tag >> NON_SIZE_BITS);
}

/* -1, 0, 1; right for compact and other ints alike. */
static inline int
_PyLong_NonCompactSign(const PyLongObject *op)
{
    return 1 - (int)(op->long_value.lv_tag & SIGN_MASK);
}

static inline int
_PyLong_CompactSign(const PyLongObject *op)
{
    return _PyLong_NonCompactSign(op);
}

/* Digit count with the sign of the int. */
static inline Py_ssize_t
_PyLong_SignedDigitCount(const PyLongObject *op)
{
    return _PyLong_DigitCount(op) * _PyLong_NonCompactSign(op);
}

static inline bool
_PyLong_SameSign(const PyLongObject *a, const PyLongObject *b)
{
    return (a->long_value.lv_tag & SIGN_MASK) == (b->long_value.lv_tag & SIGN_MASK);
}

static inline void
_PyLong_SetSignAndDigitCount(PyLongObject *op, int sign, Py_ssize_t size)
{
    assert(size >= 0 && -1 <= sign && sign <= 1 && (sign != 0 || size == 0));
    op->long_value.lv_tag = TAG_FROM_SIGN_AND_SIZE(sign, size);
}

static inline void
_PyLong_SetDigitCount(PyLongObject *op, Py_ssize_t size)
{
    assert(size >= 0);
    op->long_value.lv_tag = ((uintptr_t)size << NON_SIZE_BITS)
                            | (op->long_value.lv_tag & SIGN_MASK);
}

/* Changes the sign of an int that nobody else has seen. */
static inline void
_PyLong_FlipSign(PyLongObject *op)
{
    uintptr_t sign = 2 - (op->long_value.lv_tag & SIGN_MASK);
    op->long_value.lv_tag = (op->long_value.lv_tag & ~(uintptr_t)SIGN_MASK) | sign;
}

/* The shared object of a value from -5 to 256. */
static inline PyObject *
_PyLong_GetSmallInt(int value)
{
    assert(-_PY_NSMALLNEGINTS <= value && value < _PY_NSMALLPOSINTS);
    return _PyLong_SMALL(value);
}

static inline PyObject *
_PyLong_GetZero(void)
{
    return _PyLong_SMALL(0);
}

static inline PyObject *
_PyLong_GetOne(void)
{
    return _PyLong_SMALL(1);
}

/* Arithmetic on exact ints or subclasses; new reference or NULL. */
extern PyObject *_PyLong_Add(PyLongObject *left, PyLongObject *right);
extern PyObject *_PyLong_Subtract(PyLongObject *left, PyLongObject *right);
extern PyObject *_PyLong_Multiply(PyLongObject *left, PyLongObject *right);

/* *target, an owned int or NULL, becomes `value`; reuses the object when nobody else has it. */
extern int _PyLong_AssignValue(PyObject **target, Py_ssize_t value);

/* Text in base 2, 8, 10 or 16 at the end of a writer; `alternate` adds 0b, 0o, 0x. */
PyAPI_FUNC(int) _PyLong_FormatWriter(_PyUnicodeWriter *writer, PyObject *obj, int base,
                                     int alternate);
PyAPI_FUNC(char *) _PyLong_FormatBytesWriter(_PyBytesWriter *writer, char *str, PyObject *obj,
                                             int base, int alternate);
PyAPI_FUNC(int) _PyLong_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *obj,
                                             PyObject *format_spec, Py_ssize_t start,
                                             Py_ssize_t end);

extern int _PyLong_Size_t_Converter(PyObject *, void *);

/* Consistency of one int, for debug builds; always 1, aborts otherwise. */
extern int _PyLong_CheckConsistency(PyObject *op);

/* Value of a character as a digit in bases up to 36; 37 = none. */
PyAPI_DATA(const unsigned char) _PyLong_DigitValue[256];

#endif /* !Py_INTERNAL_LONG_H */
