/* Layout of int objects: magnitude in digits of 30 bits, least significant first; sign and
   number of digits in the tag.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_CPYTHON_LONGINTREPR_H
#define Py_CPYTHON_LONGINTREPR_H

#ifndef Py_LIMITED_API

#include "../longobject.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t digit;
typedef int32_t sdigit;  /* signed variant of digit */
typedef uint64_t twodigits;
typedef int64_t stwodigits;  /* signed variant of twodigits */

#define PyLong_SHIFT 30
#define _PyLong_DECIMAL_SHIFT 9
#define _PyLong_DECIMAL_BASE ((digit)1000000000)
#define PyLong_BASE ((digit)1 << PyLong_SHIFT)
#define PyLong_MASK ((digit)(PyLong_BASE - 1))

/* lv_tag: bits 0 and 1 are the sign (0 positive, 1 zero, 2 negative), bit 2 is spare, the
   number of digits starts at bit 3. */
#define _PyLong_NON_SIZE_BITS 3
#define _PyLong_SIGN_MASK 3

typedef struct _PyLongValue {
    uintptr_t lv_tag;   /* number of digits, sign */
    digit ob_digit[1];  /* least significant first */
} _PyLongValue;

struct _longobject {
    PyObject_HEAD
    _PyLongValue long_value;
};

/* Private to the core, but part of the binary interface. */
PyAPI_FUNC(Py_NEWREF PyObject *) _PyLong_Copy(PyLongObject *);
PyAPI_FUNC(Py_NEWREF PyLongObject *) _PyLong_FromDigits(int, Py_ssize_t, digit *);
PyAPI_FUNC(Py_NEWREF PyLongObject *) _PyLong_New(Py_ssize_t);

/* Does the value fit one digit? */
static inline int
_PyLong_IsCompact(const PyLongObject *op)
{
    return op->long_value.lv_tag < (2 << _PyLong_NON_SIZE_BITS);
}
#define PyUnstable_Long_IsCompact _PyLong_IsCompact

/* The value of a compact int. */
static inline Py_ssize_t
_PyLong_CompactValue(const PyLongObject *op)
{
    Py_ssize_t sign = 1 - (Py_ssize_t)(op->long_value.lv_tag & _PyLong_SIGN_MASK);
    return sign * (Py_ssize_t)op->long_value.ob_digit[0];
}
#define PyUnstable_Long_CompactValue _PyLong_CompactValue

#ifdef __cplusplus
}
#endif

#endif  /* !Py_LIMITED_API */

#endif  /* !Py_CPYTHON_LONGINTREPR_H */
